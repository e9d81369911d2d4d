//! `rdprobe simulate`: be a healthy or a broken RDP server, for rehearsal.

use std::process::ExitCode;

use rdprobe::simulate::{self, Persona, Server};

use super::args::SimulateArgs;
use super::output;
use super::settings::UsageError;
use super::{Trouble, runtime, stop_asked};

/// Listens as one persona until it is stopped, or lists them all.
pub(super) fn run(args: &SimulateArgs) -> Result<ExitCode, Trouble> {
    let Some(name) = args.persona.as_ref().filter(|_| !args.list) else {
        output::write(|out| {
            simulate::personas()
                .iter()
                .try_for_each(|persona| writeln!(out, "{:<24} {}", persona.name, persona.title))
        })?;
        return Ok(ExitCode::SUCCESS);
    };
    let persona = persona(name)?;
    runtime()?.block_on(async {
        let server = Server::bind(persona, args.listen)
            .await
            .map_err(|error| Trouble::Listen { address: args.listen, error })?;
        output::say(&format!("{} on {}: {}", persona.name, server.local_addr(), persona.title));
        output::say("rehearsal only, with a key that everybody knows; Ctrl-C ends it");
        tokio::select! {
            served = server.run() => served.map_err(Trouble::Start),
            () = stop_asked() => Ok(()),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The persona of that name, or a hint at those there are.
pub(super) fn persona(name: &str) -> Result<&'static Persona, UsageError> {
    simulate::persona(name).ok_or_else(|| UsageError {
        message: format!("no persona is called {name}"),
        hint: Some("rdprobe simulate --list names them".to_owned()),
    })
}
