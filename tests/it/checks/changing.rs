//! A server on one address that is another one whenever the test says so.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::rehearsal::play_again;

/// Plays one persona after another on one port, or nobody. It runs on a thread of its own, so that a change is done
/// when [`Changing::play`] returns, even inside a callback of the wait that is tested.
pub(super) struct Changing {
    pub(super) address: SocketAddr,
    orders: UnboundedSender<Option<&'static str>>,
    done: Receiver<()>,
}

impl Changing {
    /// Nobody listens yet.
    pub(super) fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [a, b] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // An address of its own, on which no other test is given the port meanwhile.
        let [c, _] = std::process::id().to_le_bytes()[..2] else { unreachable!() };
        let own = Ipv4Addr::new(127, 20 + a, c, b);
        let address = TcpListener::bind((own, 0)).unwrap().local_addr().unwrap();
        let (orders, received) = unbounded_channel();
        let (tell, done) = channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(carry_out(address, received, tell));
        });
        Self { address, orders, done }
    }

    /// From now on this persona listens, or nobody.
    pub(super) fn play(&self, persona: Option<&'static str>) {
        self.orders.send(persona).unwrap();
        self.done.recv().unwrap();
    }
}

async fn carry_out(
    address: SocketAddr,
    mut orders: UnboundedReceiver<Option<&'static str>>,
    done: Sender<()>,
) {
    let mut playing: Option<tokio::task::JoinHandle<_>> = None;
    while let Some(order) = orders.recv().await {
        if let Some(before) = playing.take() {
            before.abort();
            drop(before.await);
        }
        if let Some(name) = order {
            playing = Some(tokio::spawn(play_again(name, address).await.run()));
        }
        if done.send(()).is_err() {
            return;
        }
    }
}
