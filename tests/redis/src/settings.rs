//! How a test wants its Redis.

use crate::{Failure, process::RedisProcess};

/// Sets up a [`RedisProcess`]. Nothing is kept on the disk unless [`append_only`](Self::append_only) says so.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RedisBuilder {
    pub(crate) program: Option<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) password: Option<String>,
    pub(crate) is_cluster: bool,
    pub(crate) is_replica: bool,
    pub(crate) ignores_the_terminal: bool,
}

impl RedisBuilder {
    /// Writes each change to a file, and syncs it to the disk once a second. A crash of the machine can lose that second, and a
    /// crash of the server what it has not written because a sync was running, which happens under load.
    pub fn append_only(self) -> Self {
        self.args(["--appendonly", "yes", "--appendfsync", "everysec"])
    }

    /// As [`append_only`](Self::append_only), with a sync before each response.
    pub fn fsync_always(self) -> Self {
        self.args(["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// Makes it a cluster of one node with all slots, which refuses commands on keys of different slots.
    pub fn cluster(self) -> Self {
        Self { is_cluster: true, ..self }.args(["--cluster-enabled", "yes"])
    }

    /// Asks each connection for this password, of letters and digits.
    pub fn password(self, password: &str) -> Self {
        Self { password: Some(password.to_owned()), ..self }.args(["--requirepass", password])
    }

    /// Limits the memory, and says what happens at the limit: `noeviction` refuses writes, `allkeys-lru` forgets keys.
    pub fn max_memory(self, bytes: u64, policy: &str) -> Self {
        self.args(["--maxmemory", &bytes.to_string(), "--maxmemory-policy", policy])
    }

    /// Copies all that another server has and gets. It has started when it has all.
    pub fn replica_of(self, primary: &RedisProcess) -> Self {
        let port = primary.port().to_string();
        let replica = Self { is_replica: true, ..self }.args(["--replicaof", "127.0.0.1", &port]);
        match primary.password() {
            Some(password) => replica.args(["--masterauth", password]),
            None => replica,
        }
    }

    /// Keeps it running when Ctrl-C is pressed in the terminal: it ends when it is dropped.
    pub fn ignore_the_terminal(self) -> Self {
        Self { ignores_the_terminal: true, ..self }
    }

    /// Sets the program. Without it, it is what `REDIS_SERVER` names, or else `redis-server` or `valkey-server`.
    pub fn program(self, program: &str) -> Self {
        Self { program: Some(program.to_owned()), ..self }
    }

    /// Adds an argument of the program.
    pub fn arg(self, argument: &str) -> Self {
        self.args([argument])
    }

    fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(arguments.into_iter().map(str::to_owned));
        self
    }

    /// Starts the server in a folder of its own, on a free port of 127.0.0.1, and waits until it answers.
    ///
    /// # Errors
    /// If the program is missing, or ends or does not answer.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), redis_process::Failure> {
    /// let redis = redis_process::RedisProcess::builder().max_memory(4 << 20, "noeviction").start().await?;
    /// println!("{}", redis.url());
    /// # Ok(()) }
    /// ```
    pub async fn start(self) -> Result<RedisProcess, Failure> {
        RedisProcess::start(self).await
    }
}
