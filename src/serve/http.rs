//! The HTTP server of both endpoints: bounded connections, headers, waits and ages, and an end within two seconds.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{future::Future, io};

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::plain;
use places::{Answer, Place, Places};

// Who is served, and who makes room.
mod places;

/// How many connections are served at a time; for the next one the one that has been idle for longest makes room.
const CONNECTIONS: usize = 128;

/// Within this time a request's header must be here, whether the connection is new or was idle.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);

/// A request's line and header have no more bytes than this.
const LONGEST_HEADER: usize = 16 * 1024;

/// No more header lines than this.
const MOST_HEADERS: usize = 64;

/// A connection of this age is closed after the answer that it is in, so that nobody keeps a place for ever.
const OLDEST: Duration = Duration::from_secs(600);

/// How long that answer may take, for a reader who does not read.
const LAST_ANSWER: Duration = Duration::from_secs(60);

/// How long the answers may take that are under way when the server stops.
const FAREWELL: Duration = Duration::from_millis(1500);

/// Serves until `stop`, then lets the answers under way end, within 1.5 seconds.
///
/// # Errors
/// If the listener cannot be used; what goes wrong on one connection ends that connection only.
pub(super) async fn run(
    listener: std::net::TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let router = router.fallback(nothing_here).method_not_allowed_fallback(only_get);
    let places = Places::new(CONNECTIONS);
    let (ending, ends) = watch::channel(false);
    let mut talks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener) => accepted,
            // Taken out as they end, so that the set holds only those that last.
            Some(_) = talks.join_next() => None,
        };
        let Some(stream) = accepted else { continue };
        let place = tokio::select! {
            () = &mut stop => break,
            place = places.take() => place,
        };
        if let Some(place) = place {
            talks.spawn(talk(stream, place, router.clone(), ends.clone()));
        }
    }
    drop(listener);
    ending.send_replace(true);
    let last = async { while talks.join_next().await.is_some() {} };
    // Whoever is left after that is cut off with the set.
    drop(timeout(FAREWELL, last).await);
    Ok(())
}

async fn nothing_here() -> Response {
    plain(StatusCode::NOT_FOUND, "nothing is here\nhint: / tells what there is\n".to_owned())
}

/// Whatever is asked for is not read in this way.
pub(super) async fn only_get() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n".to_owned())
}

/// The next connection; none if it was gone again.
async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(error) => {
            tracing::warn!("cannot accept a connection: {error}");
            // Out of file descriptors: trying again at once would not find more.
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn talk(stream: TcpStream, place: Place, router: Router, mut ends: watch::Receiver<bool>) {
    let (router, talk) = (TowerToHyperService::new(router), Arc::clone(&place.talk));
    let service = service_fn(move |request| {
        let (answering, answer) = (talk.answers(), router.call(request));
        async move { answer.await.map(|answer| answer.map(|body| Answer { body, _answering: answering })) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(LONGEST_HEADER)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // A peer that breaks off is no concern of ours.
        _ = &mut connection => return,
        () = place.talk.is_to_make_room() => return,
        () = sleep(OLDEST) => {}
        _ = ends.wait_for(|ending| *ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(timeout(LAST_ANSWER, connection).await);
}
