//! A real Redis for a test, as a process of its own, and a proxy that cuts the way to it.
//!
//! ```no_run
//! # async fn example() -> Result<(), redis_process::Failure> {
//! let redis = redis_process::RedisProcess::builder().append_only().start().await?;
//! let proxy = redis_process::CutProxy::start(redis.port()).await?;
//! redis.command(&["SET", "greeting", "hello"]).await?;
//! redis.kill().await?;
//! redis.restart().await?;
//! proxy.cut().await;
//! # Ok(()) }
//! ```
//!
//! The program is what `REDIS_SERVER` names, or else `redis-server` or `valkey-server`. A test fails if it is missing.

mod cut_proxy;
mod free_port;
mod process;
mod reply;
mod server;
mod settings;

pub use cut_proxy::CutProxy;
pub use process::RedisProcess;
pub use reply::Reply;
pub use settings::RedisBuilder;

/// Why a test cannot go on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
