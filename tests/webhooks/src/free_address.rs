//! An address that stays free for a program that is killed and started again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Below the ports that systems give to outgoing connections and to programs that ask for any: no other test gets it between
/// two starts.
const PORTS: std::ops::Range<u16> = 10_000..32_000;

/// An address of this machine on which nothing listens now.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, fastrand::u16(PORTS)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
