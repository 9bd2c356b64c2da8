//! A stub of the API that costs as little as it can: every response is made once.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{Failure, document, say};

type Responses = HashMap<String, Bytes>;

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&format!("listening on http://{}", listener.local_addr()?));
    let responses = Arc::new(responses());
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        // A client that goes away ends its own connection only.
        tokio::spawn(answer(connection, Arc::clone(&responses)));
    }
}

fn responses() -> Responses {
    [document::SMALL, document::LARGE]
        .into_iter()
        .flat_map(|id| {
            let path = format!("/api/v1/customers/{id}");
            let billing = (format!("{path}/billing"), response(&document::billing(id)));
            [billing, (path, response(&document::customer(id)))]
        })
        .collect()
}

fn response(body: &str) -> Bytes {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

/// Answers the requests of one connection, none of which has a body.
async fn answer(mut connection: TcpStream, responses: Arc<Responses>) -> Result<(), Failure> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            if connection.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&buffer[..end]);
        let path = head.split(' ').nth(1).unwrap_or_default();
        let response = responses.get(path).ok_or_else(|| format!("the stub has no {path}"))?;
        connection.write_all(response).await?;
        buffer.drain(..end + 4);
    }
}
