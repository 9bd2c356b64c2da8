//! What a server says of itself.

use redis::{RedisError, aio::MultiplexedConnection, cmd};

/// The oldest Redis that will do: scripts keep the codes of errors, and see the time while they write.
const OLDEST_REDIS: u32 = 7;

/// The oldest Valkey that will do.
const OLDEST_VALKEY: u32 = 8;

/// What matters of a server's settings.
#[derive(Clone, Debug)]
pub(super) struct Server {
    name: &'static str,
    version: Box<str>,
    pub(super) is_replica: bool,
    /// What it does when its memory is full.
    eviction: Box<str>,
    /// Whether it writes each change to its disk.
    pub(super) appends: bool,
}

impl Server {
    pub(super) async fn ask(connection: &mut MultiplexedConnection) -> Result<Self, RedisError> {
        let info: String = cmd("INFO").arg("everything").query_async(connection).await?;
        Ok(Self::read(&info))
    }

    fn read(info: &str) -> Self {
        let field = |name: &str| {
            let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or_default().trim()
        };
        let (name, version) = match field("valkey_version") {
            "" => ("Redis", field("redis_version")),
            version => ("Valkey", version),
        };
        Self {
            name,
            version: version.into(),
            is_replica: field("role") == "slave",
            eviction: field("maxmemory_policy").into(),
            appends: field("aof_enabled") == "1",
        }
    }

    /// Whether a fleet can use it. The error says why not.
    pub(super) fn check(&self) -> Result<(), Box<str>> {
        let oldest = if self.name == "Valkey" { OLDEST_VALKEY } else { OLDEST_REDIS };
        let major = self.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major < oldest) {
            return Err(format!("it is {} {}, and {oldest} is the oldest that will do", self.name, self.version).into());
        }
        Ok(())
    }

    /// Whether it keeps what is written as another does.
    pub(super) fn keeps_as(&self, other: &Self) -> bool {
        self.appends == other.appends && self.eviction == other.eviction
    }

    /// Whether it may drop what has no time limit when its memory is full, and how it calls that.
    pub(super) fn drops_anything(&self) -> Option<&str> {
        self.eviction.starts_with("allkeys").then_some(&*self.eviction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_and_one_that_drops_usage_are_found_out() {
        let check = |info: &str| Server::read(info).check().map_err(String::from);
        assert_eq!(check("redis_version:7.0.15\r\nrole:master\r\n"), Ok(()));
        assert_eq!(check("redis_version:7.2.4\r\nvalkey_version:8.1.0\r\n"), Ok(()));
        assert_eq!(
            check("redis_version:6.2.7\r\n").unwrap_err(),
            "it is Redis 6.2.7, and 7 is the oldest that will do"
        );
        assert!(check("redis_version:7.2.4\r\nvalkey_version:7.2.5\r\n").unwrap_err().contains("Valkey 7.2.5"));
        assert_eq!(Server::read("maxmemory_policy:noeviction\r\n").drops_anything(), None);
        assert_eq!(Server::read("maxmemory_policy:allkeys-lru\r\n").drops_anything(), Some("allkeys-lru"));
    }
}
