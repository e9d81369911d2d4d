//! Round to health: good, lesser, bad, or our own side's trouble.

use rdprobe::evidence::failure::{LocalTrouble, Unreachable};
use rdprobe::evidence::{Because, Failure, Round, Stage, Step};
use rdprobe::monitor::health::{Health, Symptom, Usual, good_why, of};
use rdprobe::monitor::settings::Hysteresis;
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};

use super::made::{bad, began, good, slow, target};
use crate::fixture::{self, bare_confirm, failed, refuses, selects, timed_out};

fn judged(round: &Round) -> Health {
    of(&target(), round, &Usual::default(), &Hysteresis::default(), None)
}

fn symptom(round: &Round) -> Symptom {
    match judged(round) {
        Health::Bad(symptom) => symptom,
        other => panic!("{other:?}"),
    }
}

fn answering(outcome: rdprobe::evidence::Outcome<rdprobe::evidence::Reply>) -> Round {
    let mut round = good(began());
    round.negotiate.outcome = outcome;
    round
}

fn unresolved(failure: Failure) -> Round {
    let mut round = bad(began(), Failure::Interrupted);
    round.resolve = failed(failure);
    round.connect = Step::skipped(Because::EarlierStageFailed);
    round.address = None;
    round
}

#[test]
fn each_failure_is_told_in_the_words_of_a_report() {
    let refused = symptom(&bad(began(), fixture::refused()));
    assert_eq!((refused.stage, refused.kind.as_str()), (Stage::Connect, "refused"));
    assert!(refused.text.contains("20.51.100.4:3389 answered by a reset"), "{}", refused.text);
    let silent = symptom(&bad(began(), timed_out()));
    assert_eq!(silent.kind, "timed_out");
    assert_eq!(silent.text, "SYN to 20.51.100.4:3389 unanswered for 5.0 s");
    let unreachable = symptom(&bad(began(), fixture::unreachable(Unreachable::Host, 1)));
    assert_eq!(unreachable.kind, "unreachable");
    let reset = symptom(&answering(rdprobe::evidence::Outcome::Failed(fixture::reset())));
    assert_eq!((reset.stage, reset.kind.as_str()), (Stage::Negotiate, "reset"));
    assert!(reset.text.ends_with("the server reset after 0 bytes"), "{}", reset.text);
    let gone = symptom(&unresolved(Failure::NoSuchName { cname_chain: Vec::new() }));
    assert_eq!((gone.stage, gone.kind.as_str()), (Stage::Resolve, "no_such_name"));
    assert!(gone.text.contains(fixture::NAME), "{}", gone.text);
}

#[test]
fn our_own_trouble_is_not_the_targets() {
    for what in [LocalTrouble::NoRoute, LocalTrouble::TooManyFiles, LocalTrouble::Denied] {
        let health = judged(&bad(began(), fixture::local(what)));
        assert_eq!(health, Health::OwnSide("this machine could not: network is unreachable".to_owned()));
    }
    assert!(matches!(judged(&bad(began(), Failure::Interrupted)), Health::OwnSide(_)));
    for failure in [
        Failure::NoResolver { detail: "none".to_owned() },
        Failure::ResolverFailed { code: "SERVFAIL".to_owned() },
        timed_out(),
    ] {
        assert!(matches!(judged(&unresolved(failure)), Health::OwnSide(_)));
    }
}

#[test]
fn a_resolver_that_fails_says_nothing_while_the_address_is_known() {
    let mut round = good(began());
    round.resolve = failed(Failure::ResolverFailed { code: "SERVFAIL".to_owned() });
    assert_eq!(judged(&round), Health::Good);
    round = bad(began(), timed_out());
    round.resolve = failed(timed_out());
    assert_eq!(symptom(&round).stage, Stage::Connect);
}

#[test]
fn what_is_wrong_here_excuses_a_failure_and_no_more() {
    let say =
        |round: &Round| of(&target(), round, &Usual::default(), &Hysteresis::default(), Some("no gateway"));
    assert_eq!(say(&bad(began(), timed_out())), Health::OwnSide("no gateway".to_owned()));
    assert_eq!(say(&good(began())), Health::Good);
}

#[test]
fn a_refusal_is_an_answer_and_mostly_a_bad_one() {
    for code in [
        FailureCode::SSL_CERT_NOT_ON_SERVER,
        FailureCode::SSL_REQUIRED,
        FailureCode::INCONSISTENT_FLAGS,
        FailureCode::HYBRID_REQUIRED,
        FailureCode::SSL_WITH_USER_AUTH_REQUIRED,
        FailureCode(99),
    ] {
        let symptom = symptom(&answering(refuses(code)));
        assert_eq!((symptom.stage, symptom.kind.as_str()), (Stage::Negotiate, "negotiation_refused"));
        assert!(symptom.text.contains("asked for"), "{}", symptom.text);
    }
    assert!(matches!(judged(&answering(refuses(FailureCode::SSL_NOT_ALLOWED))), Health::Lesser(_)));
}

#[test]
fn less_than_before_is_less() {
    let mut usual = Usual::default();
    usual.learn(&good(began()));
    let say = |round: &Round| of(&target(), round, &usual, &Hysteresis::default(), None);
    assert_eq!(
        say(&answering(selects(Protocol::SSL))),
        Health::Lesser("the server selects TLS, and usually NLA (CredSSP)".to_owned())
    );
    assert!(matches!(say(&answering(selects(Protocol::RDP))), Health::Lesser(_)));
    assert!(matches!(say(&answering(bare_confirm())), Health::Lesser(_)));
    // NLA is NLA, and more than usual is not less.
    assert_eq!(say(&answering(selects(Protocol::HYBRID))), Health::Good);
    let mut old = Usual::default();
    old.learn(&answering(bare_confirm()));
    let say = |round: &Round| of(&target(), round, &old, &Hysteresis::default(), None);
    assert_eq!(say(&answering(bare_confirm())), Health::Good);
    assert_eq!(say(&good(began())), Health::Good);
}

#[test]
fn after_an_hour_the_lesser_answer_is_the_usual_one() {
    let mut usual = Usual::default();
    usual.learn(&good(began()));
    let tls = answering(selects(Protocol::SSL));
    let say = |usual: &Usual| of(&target(), &tls, usual, &Hysteresis::default(), None);
    for _ in 0..3_599 {
        usual.learn(&tls);
    }
    assert!(matches!(say(&usual), Health::Lesser(_)));
    usual.learn(&tls);
    assert_eq!(say(&usual), Health::Good);
}

#[test]
fn slow_is_what_is_slower_than_usual_by_factor_and_by_much() {
    let mut usual = Usual::default();
    let say = |usual: &Usual, milliseconds: f64| {
        of(&target(), &slow(began(), milliseconds), usual, &Hysteresis::default(), None)
    };
    assert_eq!(say(&usual, 5_000.0), Health::Good, "nothing is usual yet");
    for _ in 0..60 {
        usual.learn(&good(began()));
    }
    // 7 ms is usual. Three times as much is 21 ms, and 20 ms more are 27 ms.
    assert_eq!(say(&usual, 20.0), Health::Good);
    assert_eq!(say(&usual, 25.0), Health::Lesser("it took 28.0 ms, and usually 7.0 ms".to_owned()));
    let never = Hysteresis { slower_by: None, ..Hysteresis::default() };
    assert_eq!(of(&target(), &slow(began(), 5_000.0), &usual, &never, None), Health::Good);
    // A few slow ones move nothing, and a way that stays slower becomes the usual one.
    for _ in 0..20 {
        usual.learn(&slow(began(), 97.0));
    }
    assert!(matches!(say(&usual, 97.0), Health::Lesser(_)));
    for _ in 0..2_000 {
        usual.learn(&slow(began(), 97.0));
    }
    assert_eq!(say(&usual, 97.0), Health::Good);
}

#[test]
fn an_open_port_is_not_called_rdp() {
    let mut round = good(began());
    round.depth = Stage::Connect;
    round.negotiate = Step::skipped(Because::NotAsked);
    assert_eq!(judged(&round), Health::Good);
    assert_eq!(good_why(&round), "TCP connects; RDP was not tested");
    assert!(good_why(&good(began())).contains("what follows was not tested"));
}
