//! Frames with impossible lengths, zeros and noise in place of a Connection Confirm.

use rdprobe::evidence::Failure;
use tokio::io::AsyncWriteExt;

use super::server::{flood, request, serve, stay};
use super::{first_reply, hurried, refused};
use crate::rehearsal::patient;

/// A server that answers every request with these bytes and then with zeros without an end.
async fn then_zeros(answer: Vec<u8>) -> std::net::SocketAddr {
    serve(move |mut stream| {
        let answer = answer.clone();
        async move {
            request(&mut stream).await?;
            stream.write_all(&answer).await?;
            flood(&mut stream, &[0]).await
        }
    })
    .await
}

#[tokio::test]
async fn a_frame_shorter_than_any_is_none() {
    for length in 0..7 {
        let report = refused(then_zeros(vec![3, 0, 0, length]).await, &patient()).await;
        let told = first_reply(&report);
        assert!(matches!(told, Failure::Malformed { .. } | Failure::NotRdp { .. }), "{length}: {told:?}");
    }
}

#[tokio::test]
async fn the_longest_frame_is_read_once_and_no_further() {
    let report = refused(then_zeros(vec![3, 0, 0xff, 0xff]).await, &patient()).await;
    assert!(matches!(first_reply(&report), Failure::Malformed { .. }), "{:?}", first_reply(&report));
}

#[tokio::test]
async fn the_longest_frame_that_never_comes_ends_at_the_deadline() {
    let address = serve(|mut stream| async move {
        request(&mut stream).await?;
        stream.write_all(&[3, 0, 0xff, 0xff]).await?;
        stay(stream).await
    })
    .await;
    let report = refused(address, &hurried()).await;
    assert!(
        matches!(first_reply(&report), Failure::TimedOut { bytes_read: 4, .. }),
        "{:?}",
        first_reply(&report)
    );
}

#[tokio::test]
async fn zeros_are_no_rdp() {
    for count in [1, 3, 12 * 1024] {
        let address = serve(move |mut stream| async move {
            request(&mut stream).await?;
            stream.write_all(&vec![0; count]).await
        })
        .await;
        let report = refused(address, &patient()).await;
        let told = first_reply(&report);
        // Fewer bytes than a header may be the beginning of anything.
        let is_told = match told {
            Failure::Closed { bytes_read } => count < 4 && *bytes_read == count as u64,
            Failure::NotRdp { bytes, .. } => count >= 4 && bytes.0.len() <= 64,
            _ => false,
        };
        assert!(is_told, "{count}: {told:?}");
    }
}

#[tokio::test]
async fn bytes_without_an_end_before_any_request_are_no_rdp() {
    for byte in [0, 3, b'A', 0xff] {
        let address = serve(move |mut stream| async move { flood(&mut stream, &[byte]).await }).await;
        let report = refused(address, &patient()).await;
        let told = first_reply(&report);
        assert!(matches!(told, Failure::NotRdp { .. } | Failure::Malformed { .. }), "{byte}: {told:?}");
    }
}
