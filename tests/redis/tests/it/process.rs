use std::time::Duration;

use redis_process::{RedisBuilder, RedisProcess, Reply};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

async fn start(redis: RedisBuilder) -> RedisProcess {
    redis.start().await.unwrap()
}

async fn get(redis: &RedisProcess, key: &str) -> Reply {
    redis.command(&["GET", key]).await.unwrap()
}

async fn set(redis: &RedisProcess, key: &str, value: &str) {
    redis.command(&["SET", key, value]).await.unwrap();
}

async fn setting(redis: &RedisProcess, name: &str) -> String {
    redis.command(&["CONFIG", "GET", name]).await.unwrap().texts()[1].to_owned()
}

#[tokio::test]
async fn two_servers_share_nothing() {
    let (one, other) = tokio::join!(start(RedisProcess::builder()), start(RedisProcess::builder()));
    set(&one, "name", "one").await;
    assert_ne!(one.port(), other.port());
    assert_eq!(get(&other, "name").await, Reply::Nothing);
    assert_eq!(get(&one, "name").await.text(), Some("one"));
}

#[tokio::test]
async fn a_killed_server_refuses_connections_and_starts_empty_on_its_port() {
    let redis = start(RedisProcess::builder()).await;
    let port = redis.port();
    set(&redis, "name", "value").await;
    redis.kill().await.unwrap();
    redis.command(&["PING"]).await.unwrap_err();
    redis.kill().await.unwrap_err();
    redis.restart().await.unwrap();
    assert_eq!(redis.port(), port);
    assert_eq!(get(&redis, "name").await, Reply::Nothing);
}

#[tokio::test]
async fn a_server_that_appends_has_all_after_a_kill() {
    for (settings, fsync) in
        [(RedisProcess::builder().append_only(), "everysec"), (RedisProcess::builder().fsync_always(), "always")]
    {
        let redis = start(settings).await;
        set(&redis, "name", "value").await;
        redis.kill().await.unwrap();
        redis.restart().await.unwrap();
        assert_eq!(get(&redis, "name").await.text(), Some("value"));
        assert_eq!(setting(&redis, "appendfsync").await, fsync);
    }
}

#[tokio::test]
async fn a_restart_of_a_running_server_kills_it_first() {
    let redis = start(RedisProcess::builder()).await;
    set(&redis, "name", "value").await;
    redis.restart().await.unwrap();
    assert_eq!(get(&redis, "name").await, Reply::Nothing);
}

#[tokio::test]
async fn a_dropped_server_leaves_neither_process_nor_folder() {
    let redis = start(RedisProcess::builder().append_only()).await;
    let (port, folder) = (redis.port(), redis.folder().to_owned());
    assert!(folder.join("redis.log").exists());
    drop(redis);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_stopped_server_answers_when_it_goes_on() {
    let redis = start(RedisProcess::builder()).await;
    redis.stop_answering().await.unwrap();
    let answer = redis.command(&["PING"]);
    tokio::pin!(answer);
    // A server that runs answers within a millisecond.
    let too_early = timeout(Duration::from_millis(100), &mut answer).await;
    assert!(too_early.is_err());
    redis.go_on().await.unwrap();
    assert_eq!(answer.await.unwrap().text(), Some("PONG"));
}

#[tokio::test]
async fn a_stopped_server_can_be_killed() {
    let redis = start(RedisProcess::builder()).await;
    redis.stop_answering().await.unwrap();
    redis.kill().await.unwrap();
}

#[tokio::test]
async fn a_cluster_refuses_commands_over_slots_also_after_a_restart() {
    let redis = start(RedisProcess::builder().cluster()).await;
    let over_slots = ["MSET", "one", "1", "other", "2"];
    assert!(redis.command(&over_slots).await.unwrap_err().to_string().starts_with("CROSSSLOT"));
    redis.restart().await.unwrap();
    assert!(redis.command(&over_slots).await.unwrap_err().to_string().starts_with("CROSSSLOT"));
    redis.command(&["MSET", "{ada}one", "1", "{ada}other", "2"]).await.unwrap();
}

#[tokio::test]
async fn a_password_is_asked_for_and_in_the_url() {
    let redis = start(RedisProcess::builder().password("opensesame")).await;
    assert_eq!(redis.url(), format!("redis://:opensesame@127.0.0.1:{}", redis.port()));
    assert_eq!(redis.url_at(7), "redis://:opensesame@127.0.0.1:7");
    redis.command(&["PING"]).await.unwrap();
    let mut anonymous = TcpStream::connect(("127.0.0.1", redis.port())).await.unwrap();
    anonymous.write_all(b"PING\r\n").await.unwrap();
    let mut refusal = [0; 7];
    anonymous.read_exact(&mut refusal).await.unwrap();
    assert_eq!(&refusal, b"-NOAUTH");
    assert_eq!(setting(&redis, "requirepass").await, "opensesame");
}

#[tokio::test]
async fn full_memory_refuses_writes_or_forgets_keys() {
    let value = "x".repeat(64 * 1024);
    let fill = async |policy| {
        let redis = start(RedisProcess::builder().max_memory(3 << 20, policy)).await;
        for key in 0..100 {
            redis.command(&["SET", &key.to_string(), &value]).await?;
        }
        redis.command(&["DBSIZE"]).await
    };
    let error = fill("noeviction").await.unwrap_err();
    assert!(error.to_string().starts_with("OOM"), "{error}");
    let left = fill("allkeys-lru").await.unwrap().number().unwrap();
    assert!((1..100).contains(&left), "{left}");
}

#[tokio::test]
async fn a_replica_has_what_its_primary_had_and_can_take_its_place() {
    let primary = start(RedisProcess::builder().password("opensesame")).await;
    set(&primary, "name", "value").await;
    let replica = start(RedisProcess::builder().replica_of(&primary)).await;
    assert_eq!(get(&replica, "name").await.text(), Some("value"));
    let error = replica.command(&["SET", "name", "other"]).await.unwrap_err();
    assert!(error.to_string().starts_with("READONLY"), "{error}");
    primary.kill().await.unwrap();
    replica.promote().await.unwrap();
    set(&replica, "name", "other").await;
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let error = RedisProcess::builder().arg("--no-such-setting").arg("1").start().await.unwrap_err();
    assert!(error.to_string().contains("ended with exit status: 1"), "{error}");
}

#[tokio::test]
async fn a_missing_program_fails_the_test_and_says_how_to_get_it() {
    let error = RedisProcess::builder().program("no-redis-server").start().await.unwrap_err();
    let start = "no-redis-server cannot be found, and a real Redis is needed here: install it";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[tokio::test]
async fn replies_of_every_kind_are_read() {
    let redis = start(RedisProcess::builder().arg("--maxclients").arg("77")).await;
    assert_eq!(setting(&redis, "maxclients").await, "77");
    let reply = redis.command(&["EVAL", "return {1, 'zwölf', false, {}, {'a', {'b'}}}", "0"]).await.unwrap();
    let text = |text: &str| Reply::Text(text.to_owned());
    let nested = Reply::List(vec![text("a"), Reply::List(vec![text("b")])]);
    let expected = vec![Reply::Number(1), text("zwölf"), Reply::Nothing, Reply::List(Vec::new()), nested];
    assert_eq!(reply, Reply::List(expected));
    assert_eq!((text("12").number(), Reply::Number(12).number(), Reply::Nothing.number()), (Some(12), Some(12), None));
}
