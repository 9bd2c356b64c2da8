//! The little of Redis' protocol that a test needs to look behind the client that it tests.

use std::net::Ipv4Addr;

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::Failure;

/// What the server returned for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A text, of which bytes that are no UTF-8 are replaced.
    Text(String),
    /// A whole number.
    Number(i64),
    /// There is no such thing.
    Nothing,
    /// Several replies.
    List(Vec<Reply>),
}

impl Reply {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one, also if it is written as a text.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The replies in a list; none if it is no list.
    #[must_use]
    pub fn list(&self) -> &[Reply] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// The texts in a list.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.list().iter().filter_map(Self::text).collect()
    }
}

/// A connection of its own.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) async fn open(port: u16, password: Option<&str>) -> Result<Self, Failure> {
        let mut connection = Self(BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?));
        if let Some(password) = password {
            connection.send(&["AUTH", password]).await?;
        }
        Ok(connection)
    }

    pub(crate) async fn send(&mut self, words: &[&str]) -> Result<Reply, Failure> {
        let mut command = vec![format!("*{}\r\n", words.len())];
        command.extend(words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())));
        self.0.write_all(command.concat().as_bytes()).await?;
        self.read().await
    }

    fn read(&mut self) -> BoxFuture<'_, Result<Reply, Failure>> {
        async {
            let line = self.line().await?;
            let (kind, rest) = line.split_at_checked(1).ok_or("the server closed the connection")?;
            match kind {
                "+" => Ok(Reply::Text(rest.to_owned())),
                "-" => Err(rest.into()),
                ":" => Ok(Reply::Number(rest.parse()?)),
                "$" => self.text(rest.parse()?).await,
                "*" => self.list(rest.parse()?).await,
                _ => Err(format!("the server sent {line:?}").into()),
            }
        }
        .boxed()
    }

    async fn text(&mut self, length: i64) -> Result<Reply, Failure> {
        let Ok(length) = usize::try_from(length) else { return Ok(Reply::Nothing) };
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes).await?;
        Ok(Reply::Text(String::from_utf8_lossy(&bytes[..length]).into_owned()))
    }

    async fn list(&mut self, length: i64) -> Result<Reply, Failure> {
        let Ok(length) = usize::try_from(length) else { return Ok(Reply::Nothing) };
        let mut list = Vec::with_capacity(length);
        for _ in 0..length {
            list.push(self.read().await?);
        }
        Ok(Reply::List(list))
    }

    async fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        Ok(line.trim_end_matches("\r\n").to_owned())
    }
}
