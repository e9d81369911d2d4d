//! What people type or paste of what their client displayed, and the ids that must come of it.

use rdprobe::diagnosis::observation::lookup;
use rdprobe::diagnosis::observation::vocabulary::{Weight, vocabulary};
use rdprobe::diagnosis::says::{hear, messages::MESSAGES};
use rdprobe::evidence::Witness;

/// What is said, and the ids that it amounts to, in order and without `says.`.
const HEARD: &[(&str, &[&str])] = &[
    // Codes.
    ("0x904", &["code.904"]),
    ("0X904", &["code.904"]),
    ("904", &["code.904"]),
    ("2308", &["code.904"]),
    (" 0x1B07 ", &["code.1b07"]),
    ("1B07", &["code.1b07"]),
    ("6919", &["code.1b07"]),
    ("0x3", &["code.3"]),
    ("516", &["code.204"]),
    ("0x999", &["code.999"]),
    ("0xdeadbeef", &["code.deadbeef"]),
    ("0x904/0x7", &["code.904", "extended.7"]),
    ("0x904 / 0x7", &["code.904", "extended.7"]),
    ("904/7", &["code.904", "extended.7"]),
    ("Error: 0x904/0x7.", &["code.904", "extended.7"]),
    ("extended 8", &["extended.8"]),
    ("extended reason 0x300", &["extended.300"]),
    ("Extended error code: 0x101", &["extended.101"]),
    ("extended code 257", &["extended.101"]),
    ("Error code: 0x904\nExtended error code: 0x7", &["code.904", "extended.7"]),
    (
        "Code d\u{2019}erreur\u{a0}: 0x904\r\nCode d\u{2019}erreur étendu\u{a0}: 0x7",
        &["code.904", "extended.7"],
    ),
    ("error 2308", &["code.904"]),
    ("Erreur 0x1807", &["code.1807"]),
    ("disconnect reason 264", &["code.108"]),
    ("SSL_ERR_CERT_EXPIRED", &["code.1b07"]),
    ("exdiscreasonserverdeniedconnectionfips", &["extended.8"]),
    ("Error code 0x80090304", &["code.80090304"]),
    (
        "An internal error has occurred.\nError code: 0x4\nExtended error code: 0x0\nTimestamp (UTC): 03/14/26 10:02:03 AM",
        &["code.4", "extended.0", "internal-error"],
    ),
    // Messages, as they stand.
    (
        "Remote Desktop can\u{2019}t connect to the remote computer for one of these reasons:\n\n1) Remote access to \
         the server is not enabled\n2) The remote computer is turned off\n3) The remote computer is not available on \
         the network\n\nMake sure the remote computer is turned on and connected to the network, and that remote \
         access is enabled.",
        &["cannot-connect"],
    ),
    (
        "This computer can't connect to the remote computer.\n\nTry connecting again. If the problem continues, \
         contact the owner of the remote computer or your network administrator.",
        &["contact-owner"],
    ),
    ("An internal error has occurred.", &["internal-error"]),
    ("RDP internal error", &["internal-error"]),
    ("internal error", &["internal-error"]),
    ("it hangs on \"Configuring remote session\"", &["internal-error"]),
    (
        "An authentication error has occurred.\nThe Local Security Authority cannot be contacted\n\nRemote computer: \
         vm01\nThis could be due to an expired password.",
        &["lsa-not-contacted"],
    ),
    (
        "The remote computer that you are trying to connect to requires Network Level Authentication (NLA), but your \
         Windows domain controller cannot be contacted to perform NLA.",
        &["nla-domain-controller"],
    ),
    (
        "An authentication error has occurred. The function requested is not supported. Remote computer: vm01. This \
         could be due to CredSSP encryption oracle remediation.",
        &["function-not-supported"],
    ),
    (
        "This could be due to NTLM authentication being blocked on the remote computer",
        &["function-not-supported"],
    ),
    (
        "The remote session was disconnected because there are no Remote Desktop License Servers available to \
         provide a license.",
        &["no-licence-server"],
    ),
    ("No Remote Desktop Licence Server is available", &["no-licence-server"]),
    ("Remote Desktop can't find the computer \"vm01\".", &["name-not-found"]),
    ("Your credentials did not work", &["credentials-did-not-work"]),
    ("your credentials didn't work", &["credentials-did-not-work"]),
    ("The logon attempt failed", &["credentials-did-not-work"]),
    (
        "The connection was denied because the user account is not authorised for remote login.",
        &["not-authorized"],
    ),
    (
        "The system administrator has restricted the type of logon (network or interactive) that you may use",
        &["logon-type-restricted"],
    ),
    ("You must change your password before logging on the first time.", &["must-change-password"]),
    ("Access is denied.", &["access-denied"]),
    ("The task cannot be completed because Remote Desktop Services is currently busy", &["busy"]),
    ("The User Profile Service failed the logon. User profile cannot be loaded.", &["profile-failed"]),
    ("The terminal server has exceeded the maximum number of allowed connections", &["too-many-sessions"]),
    (
        "Remote Desktop cannot verify the identity of the remote computer because there is a time or date \
         difference between your computer and the remote computer.",
        &["time-difference"],
    ),
    (
        "Your Remote Desktop Services session has ended.\nAnother user connected to the remote computer, so your \
         connection was lost.",
        &["session-ended"],
    ),
    (
        "Your account is configured to prevent you from using this device. For more information, contact your \
         system administrator.",
        &["device-not-allowed"],
    ),
    ("The sign-in method you're trying to use isn't allowed.", &["sign-in-method"]),
    (
        "Because of a security error, the client could not connect to the remote computer. Verify that you are \
         logged on to the network, and then try connecting again.",
        &["security-error"],
    ),
    ("Securing remote connection...", &["securing-hangs"]),
    ("only a black screen", &["black-screen"]),
    // Messages in French.
    ("Une erreur interne s\u{2019}est produite.", &["internal-error"]),
    ("ERREUR INTERNE", &["internal-error"]),
    ("L'autorite de securite locale ne peut pas etre contactee", &["lsa-not-contacted"]),
    (
        "Une erreur d'authentification s'est produite.\nLa fonction demandée n'est pas prise en charge",
        &["function-not-supported"],
    ),
    ("Vos informations d'identification n'ont pas fonctionné", &["credentials-did-not-work"]),
    (
        "La connexion a été refusée car le compte d'utilisateur n'est pas autorisé à se connecter à distance.",
        &["not-authorized"],
    ),
    ("Le Bureau à distance ne trouve pas l'ordinateur « vm01 ».", &["name-not-found"]),
    ("L'accès à distance au serveur n'est pas activé", &["cannot-connect"]),
    ("En raison d'une erreur de sécurité, le client n'a pas pu se connecter", &["security-error"]),
    ("Votre session des services Bureau à distance est terminée", &["session-ended"]),
    ("écran noir après la connexion", &["black-screen"]),
    // With typos.
    ("an internl error has occured", &["internal-error"]),
    ("The Local Securty Authority can not be contacted", &["lsa-not-contacted"]),
    ("the funtion requested is not suported", &["function-not-supported"]),
    ("your credentails did not work", &["credentials-did-not-work"]),
    ("remote desktop cant find the compuer vm01", &["name-not-found"]),
    ("la fonction demande n'est pas prise en charge", &["function-not-supported"]),
    ("une erreur intrene c'est produite", &["internal-error"]),
];

/// What must not be taken for anything.
const UNHEARD: &[&str] = &[
    "",
    " ",
    "error",
    "erreur",
    "code",
    "remote desktop",
    "Remote Desktop Connection",
    "Connexion Bureau à distance",
    "the remote computer",
    "password",
    "denied",
    "network",
    "it does not work",
    "everything works",
    "5",
    "42",
    "dead",
    "face",
    "error 5",
    "authority",
    "computer",
    "The identity of the remote computer cannot be verified. Do you want to connect anyway?",
    "An authentication error has occurred",
    "The server's name on the certificate is incorrect",
    "Do you trust the publisher of this remote connection?",
    "Timestamp (UTC): 03/14/26 10:02:03 AM",
    "Activity ID: 5e2b9a51-0000-4d6a-9a6e-f2b7e1f20000",
    "10.0.0.4",
    "\u{0}\u{1b}[2J",
    "0x",
    "0xxyz",
    "0x123456789",
];

#[test]
fn what_people_say_is_heard() {
    let mut wrong = Vec::new();
    for (said, expected) in HEARD {
        let ids: Vec<String> = hear(said).map_or_else(
            |unheard| vec![format!("nothing: {}", unheard.hint())],
            |told| told.into_iter().map(|it| it.id.trim_start_matches("says.").to_owned()).collect(),
        );
        if ids != *expected {
            wrong.push(format!("{said:?}: {ids:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(HEARD.len() + UNHEARD.len() >= 60);
}

#[test]
fn what_is_no_message_is_not_taken_for_one() {
    for said in UNHEARD {
        assert!(hear(said).is_err(), "{said:?} was heard as {:?}", hear(said));
    }
}

#[test]
fn what_is_nearly_a_message_is_named_and_not_guessed() {
    for (said, named) in [
        ("Local Authority contacted", "the Local Security Authority cannot be contacted"),
        ("certificat et chiffrement CredSSP", "oracle de chiffrement CredSSP"),
        ("license server unavailable", "license"),
    ] {
        let hint = hear(said).unwrap_err().hint();
        assert!(hint.to_lowercase().contains(&named.to_lowercase()), "{said}: {hint}");
    }
    assert!(hear("blub").unwrap_err().hint().starts_with("give the code"));
}

#[test]
fn every_message_of_the_table_is_in_the_vocabulary_and_heard_in_every_phrase() {
    for message in MESSAGES {
        let weight = lookup(message.id).map(|word| word.weight);
        assert!(matches!(weight, Some(Weight::Complaint | Weight::Hint)), "{}", message.id);
        assert!(!message.english.is_empty() && !message.french.is_empty(), "{}", message.id);
        for phrase in message.phrases() {
            let ids: Vec<String> = hear(phrase).unwrap().into_iter().map(|it| it.id).collect();
            assert_eq!(ids, [message.id], "{phrase}");
        }
    }
    for word in vocabulary().filter(|it| it.id.starts_with("says.") && !it.id.contains(".X")) {
        assert!(MESSAGES.iter().any(|message| message.id == word.id), "{} is never heard", word.id);
    }
}

#[test]
fn the_fact_quotes_the_user_and_cannot_move_a_terminal() {
    let long = format!("internal error\u{1b}[31m\n{}", "x".repeat(100_000));
    let told = hear(&long).unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].witness, Witness::Client);
    assert!(told[0].fact.starts_with("the client says \"internal error [31m x"), "{}", told[0].fact);
    assert!(told[0].fact.len() < 150 && !told[0].fact.contains(char::is_control), "{}", told[0].fact);
    let fact = |said: &str| hear(said).unwrap()[0].fact.clone();
    assert!(fact("0x1b07").contains("the server's certificate has expired"));
    assert!(fact("0x999").contains("not in the vendor's table"));
    assert!(fact("0xC000006D").contains("STATUS_LOGON_FAILURE"));
}
