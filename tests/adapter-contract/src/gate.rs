//! A gate in front of the scripted upstream, which holds every request until it is opened.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::Upstream;

/// A gate in front of an upstream.
#[derive(Debug)]
pub struct Gate {
    /// The base URL of the gate.
    pub base_url: String,
    open: watch::Sender<bool>,
    connections: watch::Receiver<usize>,
}

impl Gate {
    /// Starts a closed gate.
    pub async fn before(upstream: &Upstream) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let address = upstream.base_url().trim_start_matches("http://").to_owned();
        let (open, opened) = watch::channel(false);
        let (count, connections) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                count.send_modify(|count| *count += 1);
                tokio::spawn(pass(connection, address.clone(), opened.clone()));
            }
        });
        Self { base_url, open, connections }
    }

    /// Waits until this many connections have arrived.
    pub async fn arrivals(&mut self, number: usize) {
        self.connections.wait_for(|count| *count >= number).await.unwrap();
    }

    /// Lets all requests through, those that wait and those that follow.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(mut connection: TcpStream, address: String, mut opened: watch::Receiver<bool>) {
    if opened.wait_for(|open| *open).await.is_ok() {
        let mut upstream = TcpStream::connect(address).await.unwrap();
        // Either side may end it at any time.
        let _ = copy_bidirectional(&mut connection, &mut upstream).await;
    }
}
