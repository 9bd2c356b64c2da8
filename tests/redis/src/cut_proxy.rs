//! A network between a client and its server that a test can break.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Mutex, oneshot, watch},
    task::{JoinHandle, JoinSet},
};

use crate::{Failure, free_port::free_port};

const STARTS: u32 = 3;

/// A TCP proxy to a port of 127.0.0.1. It passes everything until it is [cut](Self::cut) or [stalled](Self::stall). Dropping
/// it ends it.
#[derive(Debug)]
pub struct CutProxy {
    address: SocketAddr,
    way: Arc<Way>,
    open: Mutex<Option<Open>>,
}

/// What the connections need to know.
#[derive(Debug)]
struct Way {
    to_port: watch::Sender<u16>,
    is_stalled: watch::Sender<bool>,
}

/// A proxy that listens. It ends when this is dropped.
#[derive(Debug)]
struct Open {
    end: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl CutProxy {
    /// Starts a proxy to a port, itself on a free port.
    ///
    /// # Errors
    /// If it cannot listen.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(redis: redis_process::RedisProcess) -> Result<(), redis_process::Failure> {
    /// let proxy = redis_process::CutProxy::start(redis.port()).await?;
    /// println!("{}", proxy.url());
    /// # Ok(()) }
    /// ```
    pub async fn start(to_port: u16) -> Result<Self, Failure> {
        let way = Arc::new(Way { to_port: watch::Sender::new(to_port), is_stalled: watch::Sender::new(false) });
        let mut starts = 0;
        let listener = loop {
            starts += 1;
            match TcpListener::bind((Ipv4Addr::LOCALHOST, free_port())).await {
                Ok(listener) => break listener,
                // Something else has taken the port meanwhile.
                Err(_) if starts < STARTS => {}
                Err(error) => return Err(error.into()),
            }
        };
        let address = listener.local_addr()?;
        let open = Mutex::new(Some(Open::new(listener, &way)));
        Ok(Self { address, way, open })
    }

    /// Its address, for a server without a password; otherwise [`RedisProcess::url_at`](crate::RedisProcess::url_at) its port.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Drops all connections, and refuses new ones until it is [restored](Self::restore).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(proxy: redis_process::CutProxy) -> Result<(), redis_process::Failure> {
    /// proxy.cut().await;
    /// proxy.restore().await?;
    /// # Ok(()) }
    /// ```
    pub async fn cut(&self) {
        if let Some(open) = self.open.lock().await.take() {
            open.end().await;
        }
    }

    /// Keeps all connections and accepts new ones, but passes nothing on until it is [restored](Self::restore): to its sender
    /// it looks like a network that loses packets.
    pub fn stall(&self) {
        self.way.is_stalled.send_replace(true);
    }

    /// Passes everything again, and accepts connections.
    ///
    /// # Errors
    /// If it cannot listen on its port again.
    ///
    /// # Examples
    /// See [`cut`](Self::cut).
    pub async fn restore(&self) -> Result<(), Failure> {
        self.way.is_stalled.send_replace(false);
        let mut open = self.open.lock().await;
        if open.is_none() {
            *open = Some(Open::new(TcpListener::bind(self.address).await?, &self.way));
        }
        Ok(())
    }

    /// Connects to another port from the next connection on, as a name does that now means a replica.
    pub fn lead_to(&self, port: u16) {
        self.way.to_port.send_replace(port);
    }
}

impl Open {
    fn new(listener: TcpListener, way: &Arc<Way>) -> Self {
        let (end, is_to_end) = oneshot::channel();
        Self { end, ended: tokio::spawn(accept(listener, Arc::clone(way), is_to_end)) }
    }

    async fn end(self) {
        // It has ended already only if the test's runtime ends.
        let _ = self.end.send(());
        let _ = self.ended.await;
    }
}

/// Accepts until it is to end, or its handle is dropped.
async fn accept(listener: TcpListener, way: Arc<Way>, mut is_to_end: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut is_to_end => break,
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                connections.spawn(connect(client, Arc::clone(&way)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Passes bytes both ways until one side ends. That the server refuses the connection is seen as a connection that ends.
async fn connect(client: TcpStream, way: Arc<Way>) -> io::Result<()> {
    let to_port = *way.to_port.borrow();
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, to_port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::try_join!(
        pass(from_client, to_server, way.is_stalled.subscribe()),
        pass(from_server, to_client, way.is_stalled.subscribe())
    )?;
    Ok(())
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut is_stalled: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut bytes).await?;
        // The sender lives as long as the connection does.
        let _ = is_stalled.wait_for(|is_stalled| !is_stalled).await;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..length]).await?;
    }
}
