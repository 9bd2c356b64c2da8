//! How an instance connects to the server.

use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, PushInfo, PushKind, RedisError, ServerErrorKind, Value,
    aio::MultiplexedConnection,
};
use tokio::time::timeout;

use crate::fleet::{
    link::{reason_of, too_late},
    server::Server,
    shared::Shared,
};

/// A new connection may take this long.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// Why there is no connection.
pub(super) enum NotConnected {
    /// The server may come back.
    Away(RedisError),
    /// This app cannot use it.
    Unusable(Box<str>),
}

impl From<RedisError> for NotConnected {
    fn from(error: RedisError) -> Self {
        // A server that is busy, or has no place for one more connection, has one later.
        let refuses = matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::RESP3NotSupported)
            || error
                .code()
                .is_some_and(|code| matches!(code, "DENIED" | "NOAUTH" | "NOPERM" | "NOPROTO" | "WRONGPASS"));
        if refuses { Self::Unusable(reason_of(&error)) } else { Self::Away(error) }
    }
}

/// Connects, subscribes to the messages, and looks what kind of server it is.
pub(super) async fn connect(client: &Client, shared: &Arc<Shared>) -> Result<MultiplexedConnection, NotConnected> {
    let hearing = Arc::downgrade(shared);
    let hear = move |push: PushInfo| {
        if let (Some(shared), Some(message)) = (hearing.upgrade(), message(&push)) {
            shared.heard(message);
        }
        Ok::<_, std::convert::Infallible>(())
    };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(CONNECT))
        .set_push_sender(hear);
    let connecting = async {
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let server = Server::ask(&mut connection).await?;
        server.check().map_err(NotConnected::Unusable)?;
        if server.is_replica {
            return Err(RedisError::from((ErrorKind::Server(ServerErrorKind::ReadOnly), "it is a replica")).into());
        }
        shared.note_server(server);
        connection.subscribe(shared.keys.channel()).await?;
        shared.beat(&mut connection).await?;
        Ok(connection)
    };
    timeout(CONNECT * 2, connecting).await.unwrap_or_else(|_| Err(too_late().into()))
}

/// The message in a push, if it is one.
fn message(push: &PushInfo) -> Option<&[u8]> {
    match (&push.kind, push.data.as_slice()) {
        (PushKind::Message, [_, Value::BulkString(message)]) => Some(message),
        _ => None,
    }
}
