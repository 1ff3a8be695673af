-- The load of `./shardway bench` for sysbench 1.0. Every statement names one shard key (user_id).
-- Prepared or text is chosen by --db-ps-mode=auto|disable.

sysbench.cmdline.options = {
  workload = {"point_select, read_only, update or insert", "point_select"},
  rows = {"user_ids run from 1 to this number", 10000},
}

local function statement(sql, ...)
  local prepared = con:prepare(sql)
  local params = {}
  for i, kind in ipairs({...}) do
    if type(kind) == "table" then
      params[i] = prepared:bind_create(kind[1], kind[2])
    else
      params[i] = prepared:bind_create(kind)
    end
  end
  if #params > 0 then
    prepared:bind_param(unpack(params))
  end
  return {execute = function() return prepared:execute() end, params = params, prepared = prepared}
end

local function user_id()
  return sysbench.rand.uniform(1, sysbench.opt.rows)
end

local workloads = {}

function workloads.point_select()
  local select = statement("SELECT c FROM bench_users WHERE user_id=?", sysbench.sql.type.INT)
  return function()
    select.params[1]:set(user_id())
    select.execute()
  end
end

function workloads.read_only()
  local int = sysbench.sql.type.INT
  local point = statement("SELECT c FROM bench_users WHERE user_id=?", int)
  local ranges = {
    statement("SELECT c FROM bench_orders WHERE user_id=?", int),
    statement("SELECT SUM(k) FROM bench_orders WHERE user_id=?", int),
    statement("SELECT c FROM bench_orders WHERE user_id=? ORDER BY c", int),
    statement("SELECT DISTINCT c FROM bench_orders WHERE user_id=? ORDER BY c", int),
  }
  return function()
    con:query("BEGIN")
    for _ = 1, 10 do
      point.params[1]:set(user_id())
      point.execute()
    end
    for _, range in ipairs(ranges) do
      range.params[1]:set(user_id())
      range.execute()
    end
    con:query("COMMIT")
  end
end

function workloads.update()
  local update = statement("UPDATE bench_users SET k=k+1 WHERE user_id=?", sysbench.sql.type.INT)
  return function()
    update.params[1]:set(user_id())
    update.execute()
  end
end

function workloads.insert()
  local insert = statement(
    "INSERT INTO bench_inserts (user_id, k, c) VALUES (?, ?, ?)",
    sysbench.sql.type.BIGINT, sysbench.sql.type.INT, {sysbench.sql.type.CHAR, 120})
  return function()
    -- 52 random bits: two equal ids in one run are less likely than a broken disk.
    insert.params[1]:set(sysbench.rand.uniform(1, 0x3ffffff) * 0x4000000
      + sysbench.rand.uniform(1, 0x3ffffff))
    insert.params[2]:set(user_id())
    insert.params[3]:set_rand_str("###########-###########-###########-###########")
    insert.execute()
  end
end

function thread_init()
  drv = sysbench.sql.driver()
  con = drv:connect()
  run_event = workloads[sysbench.opt.workload]()
end

function event()
  run_event()
end

function thread_done()
  con:disconnect()
end
