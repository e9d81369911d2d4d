//! What benches/peers/fleet.sh measures against: `responder serve ADDRESS:PORT THREADS` plays every machine of a fleet,
//! `responder relay MS` delays the packets between two TUN devices, `responder reach ...` asks like a client that does
//! nothing beyond the bytes, so that one sees how much responder and machine would give.

#![cfg_attr(
    target_os = "linux",
    expect(clippy::print_stdout, reason = "figures, and that it is ready, for fleet.py")
)]

#[cfg(target_os = "linux")]
mod certificate;
#[cfg(target_os = "linux")]
mod parts;
#[cfg(target_os = "linux")]
mod reach;
#[cfg(target_os = "linux")]
mod relay;
#[cfg(target_os = "linux")]
mod serve;

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[cfg(target_os = "linux")]
fn main() -> Ended {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", address, threads] => serve::run(address.parse()?, threads.parse()?),
        ["relay", delay_ms] => relay::run(std::time::Duration::from_secs_f64(delay_ms.parse::<f64>()? / 1e3)),
        ["reach", depth, first, count, in_flight] => {
            reach::run(depth.parse()?, first.parse()?, count.parse()?, in_flight.parse()?)
        }
        ["parts", address] => parts::run(address.parse()?),
        _ => Err("responder serve ADDRESS:PORT THREADS | relay MS | reach tcp|x224|nla FIRST:PORT COUNT IN_FLIGHT | \
                  parts ADDRESS:PORT; see benches/peers/fleet.sh"
            .into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> Ended {
    Err("the comparison needs Linux".into())
}
