//! A connection to the app on which a case writes what no HTTP client would.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{App, MOUNT, SESSION_HEADER};

/// How the length of a body is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// `Content-Length` with this number.
    Bytes(usize),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// A connection to the app.
#[derive(Debug)]
pub struct RawConnection(TcpStream);

impl RawConnection {
    /// Connects and sends the head of a request to an action.
    pub async fn with_head(app: &App, action: &str, session: Option<&str>, length: Length) -> Self {
        let mut connection = TcpStream::connect(app.address()).await.unwrap();
        let session = session.map(|session| format!("{SESSION_HEADER}: {session}\r\n")).unwrap_or_default();
        let length = match length {
            Length::Bytes(bytes) => format!("content-length: {bytes}"),
            Length::Chunked => "transfer-encoding: chunked".to_owned(),
        };
        let head = format!(
            "POST {MOUNT}/{action} HTTP/1.1\r\nhost: app\r\ncontent-type: application/json\r\n{session}{length}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        Self(connection)
    }

    /// Connects and sends a whole request as it is written here.
    pub async fn with_request(app: &App, request: &str) -> Self {
        let mut connection = TcpStream::connect(app.address()).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        Self(connection)
    }

    /// Sends a part of the body.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Ends the browser's side of the connection.
    pub async fn stop_sending(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Reads until this text has arrived.
    pub async fn until(&mut self, text: &str) {
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains(text) {
            assert!(
                self.0.read_buf(&mut answer).await.unwrap() > 0,
                "the connection has ended: {}",
                String::from_utf8_lossy(&answer)
            );
        }
    }

    /// Reads the status of the response.
    pub async fn status(mut self) -> u16 {
        let mut line = [0; "HTTP/1.1 200".len()];
        self.0.read_exact(&mut line).await.unwrap();
        String::from_utf8_lossy(&line[line.len() - 3..]).parse().unwrap()
    }

    /// Reads until the app ends the connection.
    pub async fn rest(mut self) -> String {
        let mut answer = Vec::new();
        // The app may end the connection with a reset, as it does not read the rest of the body.
        let _ = self.0.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    /// Sends one byte after another, as long as the app takes them, and reads until it ends the connection.
    pub async fn rest_while_sending(self, byte: u8) -> String {
        let (reading, mut writing) = self.0.into_split();
        let sending = async move {
            while writing.write_all(&[byte]).await.is_ok() {
                tokio::task::yield_now().await;
            }
            // The answer is still to be read.
            std::future::pending::<()>().await;
        };
        let receiving = async move {
            let (mut reading, mut answer) = (reading, Vec::new());
            let _ = reading.read_to_end(&mut answer).await;
            String::from_utf8(answer).unwrap()
        };
        tokio::select! {
            answer = receiving => answer,
            () = sending => unreachable!("it never ends"),
        }
    }
}
