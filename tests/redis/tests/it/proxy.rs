use std::time::Duration;

use redis_process::{CutProxy, RedisProcess};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const PONG: &[u8] = b"+PONG\r\n";

async fn scene() -> (RedisProcess, CutProxy) {
    let redis = RedisProcess::builder().start().await.unwrap();
    let proxy = CutProxy::start(redis.port()).await.unwrap();
    (redis, proxy)
}

async fn connect(proxy: &CutProxy) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", proxy.port())).await
}

async fn ask(connection: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    connection.write_all(b"PING\r\n").await?;
    hear(connection).await
}

async fn hear(connection: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; PONG.len()];
    connection.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[tokio::test]
async fn a_cut_ends_connections_and_refuses_new_ones_until_it_is_restored() {
    let (_redis, proxy) = scene().await;
    let mut connection = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut connection).await.unwrap(), PONG);
    proxy.cut().await;
    proxy.cut().await;
    ask(&mut connection).await.unwrap_err();
    assert_eq!(connect(&proxy).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    proxy.restore().await.unwrap();
    proxy.restore().await.unwrap();
    assert_eq!(ask(&mut connect(&proxy).await.unwrap()).await.unwrap(), PONG);
}

#[tokio::test]
async fn a_stall_passes_nothing_on_and_later_everything() {
    let (_redis, proxy) = scene().await;
    let mut connection = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut connection).await.unwrap(), PONG);
    proxy.stall();
    let mut second = connect(&proxy).await.unwrap();
    second.write_all(b"PING\r\n").await.unwrap();
    let answer = ask(&mut connection);
    tokio::pin!(answer);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut answer).await.is_err());
    proxy.restore().await.unwrap();
    assert_eq!(answer.await.unwrap(), PONG);
    assert_eq!(hear(&mut second).await.unwrap(), PONG);
}

#[tokio::test]
async fn a_server_that_is_killed_ends_the_connections_through_the_proxy() {
    let (redis, proxy) = scene().await;
    let mut connection = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut connection).await.unwrap(), PONG);
    redis.kill().await.unwrap();
    ask(&mut connection).await.unwrap_err();
    ask(&mut connect(&proxy).await.unwrap()).await.unwrap_err();
}

#[tokio::test]
async fn it_leads_to_another_server_from_the_next_connection_on() {
    let (first, proxy) = scene().await;
    let second = RedisProcess::builder().start().await.unwrap();
    let mut connection = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut connection).await.unwrap(), PONG);
    proxy.lead_to(second.port());
    first.kill().await.unwrap();
    ask(&mut connection).await.unwrap_err();
    assert_eq!(ask(&mut connect(&proxy).await.unwrap()).await.unwrap(), PONG);
}

#[tokio::test]
async fn a_dropped_proxy_refuses_connections() {
    let (_redis, proxy) = scene().await;
    let mut connection = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut connection).await.unwrap(), PONG);
    drop(proxy);
    // The end of the connection is the end of the proxy.
    ask(&mut connection).await.unwrap_err();
}
