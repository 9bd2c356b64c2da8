//! A port that stays free for a server that is killed and started again.

use std::net::{Ipv4Addr, TcpListener};

/// Below the ports that systems give to outgoing connections and to who asks for any: nothing takes it between two starts.
const PORTS: std::ops::Range<u16> = 10_000..32_000;

/// A port of 127.0.0.1 on which nothing listens now.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
