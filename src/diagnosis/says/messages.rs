//! The messages of Microsoft's client, and from where it works: a row each, with its phrases in English and French.

use super::alike::likeness;
use super::fold::fold;
use std::sync::LazyLock;

/// One message.
#[derive(Debug)]
pub struct Message {
    /// The observation that it amounts to.
    pub id: &'static str,
    /// Phrases of which one is enough; the first of each language is what a person would quote.
    pub english: &'static [&'static str],
    /// The same in French.
    pub french: &'static [&'static str],
}

/// How alike a phrase and what was typed must be: one letter in eight may be off.
const ALIKE: f64 = 0.87;

/// How alike they must be to be named as a suggestion.
const RESEMBLES: f64 = 0.6;

/// A shorter phrase must stand as it is: with typos it could be anything.
const MIN_FUZZY: usize = 12;

/// How many suggestions are made.
const SUGGESTIONS: usize = 3;

const fn row(id: &'static str, english: &'static [&'static str], french: &'static [&'static str]) -> Message {
    Message { id, english, french }
}

/// Every message.
pub static MESSAGES: &[Message] = &[
    row(
        "says.cannot-connect",
        &[
            "can't connect to the remote computer for one of these reasons",
            "remote access to the server is not enabled",
            "the remote computer is turned off",
            "the remote computer is not available on the network",
            "make sure the remote computer is turned on and connected to the network",
        ],
        &[
            "ne parvient pas à se connecter à l'ordinateur distant pour l'une des raisons suivantes",
            "ne peut pas se connecter à l'ordinateur distant pour l'une des raisons suivantes",
            "l'accès à distance au serveur n'est pas activé",
            "l'ordinateur distant est éteint",
            "l'ordinateur distant est hors tension",
            "l'ordinateur distant n'est pas disponible sur le réseau",
            "assurez-vous que l'ordinateur distant est sous tension et connecté au réseau",
        ],
    ),
    row(
        "says.contact-owner",
        &["this computer can't connect to the remote computer", "contact the owner of the remote computer"],
        &[
            "cet ordinateur ne peut pas se connecter à l'ordinateur distant",
            "cet ordinateur ne parvient pas à se connecter à l'ordinateur distant",
            "contactez le propriétaire de l'ordinateur distant",
        ],
    ),
    row(
        "says.internal-error",
        &["an internal error has occurred", "internal error", "configuring remote session"],
        &[
            "une erreur interne s'est produite",
            "erreur interne",
            "configuration de la session à distance",
            "configuration de la session distante",
        ],
    ),
    row(
        "says.lsa-not-contacted",
        &["the Local Security Authority cannot be contacted", "local security authority"],
        &["l'autorité de sécurité locale ne peut pas être contactée", "autorité de sécurité locale"],
    ),
    row(
        "says.nla-domain-controller",
        &[
            "your Windows domain controller cannot be contacted to perform NLA",
            "domain controller cannot be contacted",
        ],
        &[
            "votre contrôleur de domaine Windows ne peut pas être contacté pour effectuer l'authentification NLA",
            "contrôleur de domaine Windows ne peut pas être contacté",
            "impossible de contacter votre contrôleur de domaine",
        ],
    ),
    row(
        "says.function-not-supported",
        &[
            "the function requested is not supported",
            "the requested function is not supported",
            "CredSSP encryption oracle remediation",
            "NTLM authentication being blocked on the remote computer",
        ],
        &[
            "la fonction demandée n'est pas prise en charge",
            "correction de l'oracle de chiffrement CredSSP",
            "oracle de chiffrement CredSSP",
        ],
    ),
    row(
        "says.no-licence-server",
        &[
            "there are no Remote Desktop License Servers available to provide a license",
            "no Remote Desktop License Server is available",
            "no Remote Desktop client access licenses available",
            "past its grace period",
        ],
        &[
            "aucun serveur de licences des services Bureau à distance n'est disponible",
            "aucun serveur de licences Bureau à distance n'est disponible",
            "aucun serveur de licences Bureau à distance disponible pour fournir une licence",
            "aucune licence d'accès client Bureau à distance",
            "la période de grâce de cet ordinateur a expiré",
        ],
    ),
    row(
        "says.name-not-found",
        &["Remote Desktop can't find the computer", "can't find the computer"],
        &[
            "le Bureau à distance ne trouve pas l'ordinateur",
            "Bureau à distance ne peut pas trouver l'ordinateur",
            "ne trouve pas l'ordinateur",
        ],
    ),
    row(
        "says.credentials-did-not-work",
        &[
            "your credentials did not work",
            "the credentials that were used to connect to did not work",
            "the logon attempt failed",
            "the user name or password is incorrect",
        ],
        &[
            "vos informations d'identification n'ont pas fonctionné",
            "vos informations d'identification ne fonctionnent pas",
            "échec de la tentative d'ouverture de session",
            "la tentative de connexion a échoué",
            "le nom d'utilisateur ou le mot de passe est incorrect",
        ],
    ),
    row(
        "says.not-authorized",
        &[
            "the connection was denied because the user account is not authorized for remote login",
            "not authorized for remote login",
            "you need the right to sign in through Remote Desktop Services",
            "must be granted the Allow log on through Terminal Services right",
        ],
        &[
            "la connexion a été refusée car le compte d'utilisateur n'est pas autorisé à se connecter à distance",
            "le compte d'utilisateur n'est pas autorisé à ouvrir une session à distance",
            "n'est pas autorisé à se connecter à distance",
            "vous devez avoir le droit de vous connecter via les services Bureau à distance",
        ],
    ),
    row(
        "says.logon-type-restricted",
        &[
            "the system administrator has restricted the type of logon",
            "restricted the type of logon",
            "the user has not been granted the requested logon type at this computer",
        ],
        &[
            "l'administrateur système a restreint le type d'ouverture de session",
            "l'administrateur système a limité les types d'ouverture de session",
            "a restreint le type d'ouverture de session",
        ],
    ),
    row(
        "says.must-change-password",
        &[
            "you must change your password before logging on the first time",
            "must change password before logging on",
            "the user's password must be changed before signing in",
        ],
        &[
            "vous devez modifier votre mot de passe avant d'ouvrir une session pour la première fois",
            "vous devez changer votre mot de passe avant de vous connecter pour la première fois",
            "le mot de passe de l'utilisateur doit être modifié avant d'ouvrir une session pour la première fois",
        ],
    ),
    row("says.access-denied", &["access is denied"], &["accès refusé", "l'accès est refusé"]),
    row(
        "says.busy",
        &["Remote Desktop Services is currently busy", "services is currently busy"],
        &[
            "les services Bureau à distance sont actuellement occupés",
            "services Bureau à distance est actuellement occupé",
        ],
    ),
    row(
        "says.profile-failed",
        &[
            "the Group Policy Client service failed the logon",
            "the User Profile Service failed the logon",
            "the User Profile Service failed the sign-in",
            "the user profile cannot be loaded",
        ],
        &[
            "le service client de stratégie de groupe n'a pas pu ouvrir de session",
            "le service client de stratégie de groupe a empêché l'ouverture de session",
            "le service de profil utilisateur n'a pas pu ouvrir de session",
            "le service de profil utilisateur a empêché l'ouverture de session",
            "impossible de charger le profil utilisateur",
        ],
    ),
    row(
        "says.too-many-sessions",
        &[
            "exceeded the maximum number of allowed connections",
            "too many users are signed in",
            "too many sessions",
            "the number of connections to this computer is limited",
        ],
        &[
            "a dépassé le nombre maximal de connexions autorisées",
            "le nombre de connexions à cet ordinateur est limité",
            "trop d'utilisateurs sont connectés",
            "trop de sessions",
        ],
    ),
    row(
        "says.time-difference",
        &[
            "cannot verify the identity of the remote computer because there is a time or date difference",
            "there is a time or date difference",
        ],
        &[
            "il existe une différence d'heure ou de date",
            "il y a une différence d'heure ou de date",
            "une différence d'heure ou de date",
        ],
    ),
    row(
        "says.session-ended",
        &[
            "your Remote Desktop Services session has ended",
            "your Remote Desktop session has ended",
            "your Remote Desktop Services session ended",
            "another user connected to the remote computer",
            "the connection to the remote computer was lost",
        ],
        &[
            "votre session des services Bureau à distance est terminée",
            "votre session Bureau à distance est terminée",
            "votre session Bureau à distance a pris fin",
            "un autre utilisateur s'est connecté à l'ordinateur distant",
            "la connexion à l'ordinateur distant a été perdue",
        ],
    ),
    row(
        "says.device-not-allowed",
        &["your account is configured to prevent you from using this device"],
        &[
            "votre compte est configuré pour vous empêcher d'utiliser cet appareil",
            "votre compte est configuré de manière à vous empêcher d'utiliser cet appareil",
        ],
    ),
    row(
        "says.sign-in-method",
        &["the sign-in method you're trying to use isn't allowed"],
        &[
            "la méthode de connexion que vous essayez d'utiliser n'est pas autorisée",
            "la méthode d'ouverture de session que vous essayez d'utiliser n'est pas autorisée",
        ],
    ),
    row(
        "says.security-error",
        &[
            "because of a security error, the client could not connect to the remote computer",
            "because of a security error",
            "because of an error in data encryption",
        ],
        &[
            "en raison d'une erreur de sécurité, le client n'a pas pu se connecter à l'ordinateur distant",
            "en raison d'une erreur de sécurité",
            "en raison d'une erreur dans le chiffrement des données",
        ],
    ),
    row(
        "says.securing-hangs",
        &["securing remote connection"],
        &["sécurisation de la connexion à distance", "sécurisation de la connexion distante"],
    ),
    row("says.black-screen", &["black screen"], &["écran noir"]),
    row(
        "says.works-elsewhere",
        &[
            "works from another network",
            "works on another network",
            "works from elsewhere",
            "works over a hotspot",
        ],
        &["fonctionne depuis un autre réseau", "marche depuis un autre réseau", "fonctionne ailleurs"],
    ),
    row(
        "says.fails-everywhere",
        &["fails from every network", "fails from another network too", "fails everywhere"],
        &["échoue depuis tous les réseaux", "échoue aussi depuis un autre réseau", "échoue partout"],
    ),
    row(
        "says.works-inside",
        &["works by the private address", "works from inside the virtual network"],
        &["fonctionne par l'adresse privée", "fonctionne depuis le réseau virtuel"],
    ),
    row(
        "says.fails-inside",
        &["fails by the private address", "fails from inside the virtual network"],
        &["échoue par l'adresse privée", "échoue depuis le réseau virtuel"],
    ),
];

impl Message {
    /// The phrases, English first.
    pub fn phrases(&self) -> impl Iterator<Item = &'static str> {
        self.english.iter().chain(self.french).copied()
    }
}

/// A phrase ready for comparison.
struct Key {
    message: &'static Message,
    phrase: &'static str,
    words: String,
}

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let keys = MESSAGES.iter().flat_map(|message| message.phrases().map(move |phrase| (message, phrase)));
    keys.map(|(message, phrase)| Key { message, phrase, words: fold(phrase) }).collect()
});

/// The messages in a folded text: those whose phrases stand in it, or else the one that is nearly in it.
pub(super) fn find(words: &str) -> Vec<&'static Message> {
    let padded = format!(" {words} ");
    let mut found: Vec<&'static Message> = Vec::new();
    for key in KEYS.iter() {
        if padded.contains(&format!(" {} ", key.words)) && !found.iter().any(|it| it.id == key.message.id) {
            found.push(key.message);
        }
    }
    if found.is_empty() {
        let long_enough = KEYS.iter().filter(|key| key.words.len() >= MIN_FUZZY);
        let best = long_enough
            .map(|key| (likeness(&key.words, words, ALIKE), key))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        found.extend(best.filter(|(likeness, _)| *likeness >= ALIKE).map(|(_, key)| key.message));
    }
    found
}

/// The phrases that a text resembles, best first, one a message.
pub(super) fn closest(words: &str) -> Vec<&'static str> {
    let mut near: Vec<(f64, &Key)> = KEYS.iter().map(|key| (resemblance(&key.words, words), key)).collect();
    near.retain(|(likeness, _)| *likeness >= RESEMBLES);
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut ids = Vec::new();
    near.retain(|(_, key)| {
        let is_new = !ids.contains(&key.message.id);
        ids.push(key.message.id);
        is_new
    });
    near.iter().take(SUGGESTIONS).map(|(_, key)| key.phrase).collect()
}

/// How alike two texts are, whichever of them is a part of the other.
fn resemblance(phrase: &str, words: &str) -> f64 {
    let part = if words.len() >= MIN_FUZZY { likeness(words, phrase, RESEMBLES) } else { 0.0 };
    let common =
        phrase.split(' ').filter(|word| word.len() > 4 && words.split(' ').any(|it| it == *word)).count();
    let long = words.split(' ').filter(|word| word.len() > 4).count();
    // Half the long words of what was said in common is worth naming.
    let shared = if common > 0 && common * 2 >= long { RESEMBLES } else { 0.0 };
    likeness(phrase, words, RESEMBLES).max(part).max(shared)
}
