//! The webhook: every event as a JSON POST, on a thread of its own, tried again where that may help.
//!
//! A URL often is a secret: only its scheme, host and port are ever shown.

use std::fmt;
use std::io;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

use super::event::Event;
use super::listen::Listener;
use super::outbox::{Courier, Outbox};

/// So many events may wait, some hours of a bad night.
const MOST: usize = 1000;

/// How long one try may take.
const ONE_TRY: Duration = Duration::from_secs(10);

/// How long is waited before each further try: five tries within about a minute and a half.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(12), Duration::from_secs(30)];

/// Posts events. A [`Listener`] that never waits.
#[derive(Debug)]
pub struct Webhook(Courier);

/// Why there is no webhook.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The text is no URL of a web server.
    #[error("no URL of a web server")]
    Url,
    /// There is no thread for it.
    #[error("cannot start: {0}")]
    Start(#[from] io::Error),
}

impl Webhook {
    /// Starts the thread that posts to `url`: over TLS, unless the user wrote `http:`.
    ///
    /// # Errors
    /// If the URL has no host or another scheme, or there is no thread. The error never shows the URL.
    pub fn start(url: &str) -> Result<Self, WebhookError> {
        Self::with_pauses(url, &PAUSES)
    }

    /// The same with other pauses between the tries.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_pauses(url: &str, pauses: &[Duration]) -> Result<Self, WebhookError> {
        let place = Place::read(url).ok_or(WebhookError::Url)?;
        let outbox = Outbox::new(format!("the webhook at {place}"), MOST);
        let post = Post { agent: agent(&place), url: url.to_owned(), place, pauses: pauses.to_vec() };
        Ok(Self(Courier::start("webhook", outbox, move |outbox, event| post.event(outbox, event))?))
    }

    /// Waits, for no longer than `patience`, until what was told is posted; each event is tried once more at most.
    pub fn finish(&self, patience: Duration) {
        if !self.0.finish(patience) {
            tracing::warn!("the webhook did not take everything in time");
        }
    }

    /// How many events were dropped because it was too slow.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}

impl Listener for Webhook {
    fn event(&self, event: &Event) {
        self.0.event(event);
    }
}

/// Where it goes, as far as it may be shown.
#[derive(Debug, Clone)]
struct Place {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
}

impl Place {
    fn read(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let scheme = match uri.scheme_str()? {
            "https" => "https",
            "http" => "http",
            _ => return None,
        };
        let host = uri.host().filter(|host| !host.is_empty())?.to_owned();
        Some(Self { scheme, host, port: uri.port_u16() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn agent(place: &Place) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(ONE_TRY))
        // Where a redirect leads the user did not write.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .https_only(place.scheme == "https")
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .user_agent(concat!("rdprobe/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// What the thread needs.
struct Post {
    agent: Agent,
    url: String,
    place: Place,
    pauses: Vec<Duration>,
}

/// What came of one try.
enum Tried {
    Taken,
    /// It may be otherwise in a moment.
    NotNow(String),
    /// Another try would meet the same.
    Never(String),
}

impl Post {
    fn event(&self, outbox: &Outbox, event: &str) {
        let mut pauses = self.pauses.iter();
        loop {
            match self.once(event) {
                Tried::Taken => return,
                Tried::Never(why) => {
                    tracing::warn!("the webhook at {} did not take an event: {why}", self.place);
                    return;
                }
                Tried::NotNow(why) => {
                    let Some(pause) = pauses.next() else {
                        tracing::warn!(
                            "the webhook at {} did not take an event, tried {} times: {why}",
                            self.place,
                            self.pauses.len().saturating_add(1)
                        );
                        return;
                    };
                    tracing::info!("the webhook at {} is tried again: {why}", self.place);
                    if outbox.closed_within(*pause) {
                        tracing::warn!(
                            "the monitor ends before the webhook at {} took an event: {why}",
                            self.place
                        );
                        return;
                    }
                }
            }
        }
    }

    fn once(&self, event: &str) -> Tried {
        let sent = self.agent.post(&self.url).header("Content-Type", "application/json").send(event);
        match sent.map(|response| response.status()) {
            Ok(status) if status.is_success() => Tried::Taken,
            // 408 and 429 ask for another try.
            Ok(status) if status.is_server_error() || matches!(status.as_u16(), 408 | 429) => {
                Tried::NotNow(format!("it answers {}", status.as_u16()))
            }
            Ok(status) if status.is_redirection() => {
                Tried::Never(format!("it answers {}, and redirects are not followed", status.as_u16()))
            }
            Ok(status) => Tried::Never(format!("it answers {}", status.as_u16())),
            Err(error) => Tried::NotNow(words(&error)),
        }
    }
}

/// An error in words in which no part of the URL can be.
fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => format!("nothing came within {} s", ONE_TRY.as_secs()),
        ureq::Error::HostNotFound => "the host has no address".to_owned(),
        ureq::Error::Rustls(error) => format!("TLS: {error}"),
        ureq::Error::Tls(error) => format!("TLS: {error}"),
        ureq::Error::ConnectionFailed => "no connection came about".to_owned(),
        ureq::Error::ConnectProxyFailed(_) => "the proxy did not connect".to_owned(),
        ureq::Error::Protocol(_) => "it does not answer in HTTP".to_owned(),
        _ => "it could not be sent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_shown() {
        let place =
            Place::read("https://user:secret@hooks.example.com:8443/T000/secret?token=secret").unwrap();
        assert_eq!(place.to_string(), "https://hooks.example.com:8443");
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_shown() {
        for url in [
            "",
            "hooks.example.com",
            "ftp://secret.example.com",
            "file:///etc/secret",
            "https://",
            "https:///secret",
        ] {
            let error = Webhook::start(url).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{url}: {error}");
        }
    }
}
