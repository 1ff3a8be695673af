<?php
// Installs WordPress, writes and reads; prints what it saw. Arguments: home, port, database, user, password.
[$self, $home, $port, $database, $user, $password] = $argv;
error_reporting(E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING);
define('WP_INSTALLING', true);
define('DB_NAME', $database);
define('DB_USER', $user);
define('DB_PASSWORD', $password);
define('DB_HOST', '127.0.0.1:' . $port);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('SAVEQUERIES', true);
define('WP_SITEURL', 'http://blog.example');
define('WP_HOME', 'http://blog.example');
define('ABSPATH', rtrim($home, '/') . '/');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $key) { define($key, 'x'); }
$_SERVER['HTTP_HOST'] = 'blog.example';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
$table_prefix = 'wp_';
function wp_mail(...$ignored) { return true; }
function out($what, $value) { echo $what, ': ', json_encode($value), "\n"; }
require ABSPATH . 'wp-settings.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_http_request', fn() => new WP_Error('no', 'network'));
global $wpdb;
$wpdb->show_errors = false;
wp_install('A blog', 'admin', 'admin@example.org', true, '', 'secret');
out('tables', $wpdb->get_col('SHOW TABLES'));
out('wrong', $wpdb->last_error);
$second = wp_create_user('second', 'secret', 'second@example.org');
wp_update_user(['ID' => $second, 'role' => 'editor']);
out('users', array_map(fn($u) => [$u->ID, $u->user_login, $u->roles], get_users()));
$category = wp_insert_term('News', 'category');
out('category', $category);
for ($i = 1; $i <= 12; $i++) {
    $id = wp_insert_post(['post_title' => "Post $i \u{1F600}", 'post_content' => str_repeat("Text $i. ", 50), 'post_status' => $i % 3 ? 'publish' : 'draft', 'post_author' => 1 + $i % 2, 'post_date' => sprintf('2024-01-%02d 10:00:00', $i), 'post_category' => [$category['term_id']], 'tags_input' => ["tag" . $i % 4]]);
    update_post_meta($id, 'rank', $i);
    out('post', [$id, get_the_title($id), wp_get_post_tags($id, ['fields' => 'names'])]);
    for ($c = 0; $c < $i % 3; $c++) {
        wp_insert_comment(['comment_post_ID' => $id, 'comment_author' => "reader $c", 'comment_content' => 'Nice', 'comment_approved' => 1, 'comment_date' => '2024-02-01 00:00:00', 'comment_date_gmt' => '2024-02-01 00:00:00']);
    }
}
$query = new WP_Query(['posts_per_page' => 3, 'paged' => 2, 'orderby' => 'date', 'order' => 'DESC', 'post_status' => 'publish']);
out('page', [$query->found_posts, $query->max_num_pages, array_map(fn($p) => $p->post_title, $query->posts)]);
$query = new WP_Query(['meta_key' => 'rank', 'orderby' => 'meta_value_num', 'meta_query' => [['key' => 'rank', 'value' => [3, 9], 'type' => 'NUMERIC', 'compare' => 'BETWEEN']], 'post_status' => 'any', 's' => 'Post', 'tag' => 'tag1']);
out('meta', [$query->found_posts, array_map(fn($p) => $p->post_title, $query->posts)]);
out('comments', array_map(fn($c) => [$c->comment_ID, $c->comment_post_ID], get_comments(['orderby' => 'comment_ID', 'number' => 5, 'order' => 'DESC'])));
out('archives', wp_get_archives(['echo' => false]));
wp_update_post(['ID' => 5, 'post_content' => 'Changed']);
wp_delete_post(6, true);
wp_trash_post(7);
update_option('custom', ['a' => 1, 'b' => "it's"]);
wp_cache_flush();
out('option', get_option('custom'));
set_transient('passing', 'value', 60);
wp_cache_flush();
out('transient', get_transient('passing'));
foreach (['secret', 'wrong'] as $password) {
    $user = wp_authenticate('second', $password);
    out('login', is_wp_error($user) ? $user->get_error_code() : $user->ID);
}
$tokens = WP_Session_Tokens::get_instance($second);
$token = $tokens->create(time() + 3600);
out('session', [$tokens->verify($token), $tokens->verify('other'), count($tokens->get_all())]);
add_filter('wp_is_comment_flood', '__return_false', 99);
foreach (['Hello', 'Hello', 'Hello again'] as $text) {
    $comment = wp_new_comment(['comment_post_ID' => 4, 'comment_author' => 'Visitor', 'comment_author_email' => 'v@example.org', 'comment_author_url' => '', 'comment_content' => $text, 'comment_type' => 'comment', 'comment_parent' => 0, 'user_id' => 0], true);
    out('new comment', is_wp_error($comment) ? $comment->get_error_code() : [$comment, get_comment($comment)->comment_approved]);
}
wp_set_comment_status(get_comments(['number' => 1, 'orderby' => 'comment_ID', 'order' => 'DESC'])[0], 'approve');
out('comment counts', [(array) get_comment_count(4), get_comments_number(4)]);
$query = new WP_Query(['s' => 'Text "Post 8" -nothing', 'post_status' => 'any', 'orderby' => 'relevance']);
out('search', array_map(fn($p) => $p->post_title, $query->posts));
$collate = $wpdb->get_charset_collate();
out('plugin table', dbDelta("CREATE TABLE wp_visits (\n id bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n page varchar(100) NOT NULL DEFAULT '',\n PRIMARY KEY  (id)\n) $collate;"));
out('plugin table changed', dbDelta("CREATE TABLE wp_visits (\n id bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n page varchar(200) NOT NULL DEFAULT '',\n user_id bigint(20) unsigned DEFAULT NULL,\n PRIMARY KEY  (id),\n KEY page (page(20))\n) $collate;"));
foreach (['/', '/about', '/'] as $page) {
    $wpdb->insert('wp_visits', ['page' => $page, 'user_id' => null]);
    out('visit', $wpdb->insert_id);
}
out('visits', $wpdb->get_results($wpdb->prepare('SELECT page, COUNT(*) n FROM wp_visits WHERE page LIKE %s AND id > %d GROUP BY page ORDER BY page', '%' . $wpdb->esc_like('/') . '%', 0), ARRAY_A));
add_action('count_visits', function ($by) { update_option('visits', $by + (int) get_option('visits')); });
wp_schedule_single_event(time() - 2, 'count_visits', [3]);
wp_schedule_event(time() - 1, 'hourly', 'count_visits', [4]);
foreach (wp_get_ready_cron_jobs() as $time => $hooks) {
    foreach ($hooks['count_visits'] ?? [] as $job) {
        if ($job['schedule']) { wp_reschedule_event($time, $job['schedule'], 'count_visits', $job['args']); }
        wp_unschedule_event($time, 'count_visits', $job['args']);
        do_action_ref_array('count_visits', $job['args']);
    }
}
out('cron', [get_option('visits'), wp_next_scheduled('count_visits', [3]), wp_next_scheduled('count_visits', [4]) > time()]);
set_transient('gone', 'value', -5);
delete_expired_transients(true);
out('expired', $wpdb->get_col("SELECT option_name FROM wp_options WHERE option_name LIKE '%transient%gone'"));
out('counts', (array) wp_count_posts());
out('terms', array_map(fn($t) => [$t->name, $t->count], get_terms(['taxonomy' => 'post_tag', 'hide_empty' => false])));
out('replace', [$wpdb->replace('wp_options', ['option_name' => 'custom', 'option_value' => 'x']), $wpdb->rows_affected]);
out('update', $wpdb->update('wp_posts', ['post_author' => 1], ['post_status' => 'publish']));
out('schema', count(dbDelta(wp_get_db_schema('all'))));
out('charset', [$wpdb->charset, $wpdb->collate, $wpdb->db_version()]);
$wpdb->query('SELECT nothing_such FROM wp_posts');
out('error', $wpdb->last_error);
out('definitions', array_map(fn($t) => $wpdb->get_row("SHOW CREATE TABLE $t", ARRAY_N)[1], $wpdb->get_col('SHOW TABLES')));
out('sum', $wpdb->get_results('SELECT post_status, COUNT(*) c, MIN(ID) f, SUM(LENGTH(post_content)) l FROM wp_posts GROUP BY post_status ORDER BY 1', ARRAY_A));
