//! NTLM challenges of real servers decode to what their captures show.

use data_encoding::HEXLOWER;
use rdprobe::wire::codes::windows;
use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::ntlm::{Challenge, TARGET_TYPE_DOMAIN, TARGET_TYPE_SERVER, Version, filetime_to_unix};

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn challenge(text: &str) -> Challenge {
    let bytes = hex(text);
    let challenge = Challenge::decode(&bytes).unwrap();
    for len in 0..bytes.len() - 4 {
        assert!(Challenge::decode(&bytes[..len]).is_err(), "cut at {len}");
    }
    challenge
}

fn names(challenge: &Challenge) -> [Option<&str>; 6] {
    let pairs = &challenge.av_pairs;
    [
        challenge.target_name.as_deref(),
        pairs.netbios_computer_name.as_deref(),
        pairs.netbios_domain_name.as_deref(),
        pairs.dns_computer_name.as_deref(),
        pairs.dns_domain_name.as_deref(),
        pairs.dns_tree_name.as_deref(),
    ]
}

fn seconds(challenge: &Challenge) -> i128 {
    filetime_to_unix(challenge.av_pairs.timestamp.unwrap()) / 1_000_000_000
}

/// zeek (BSD-3-Clause), testing/btest/Traces/ntlm: raw_ntlm_in_smb.pcap.
#[test]
fn windows_xp_in_a_workgroup() {
    let challenge = challenge(
        "4e544c4d53535000020000001e001e003800000005028a62ccc0bad0f47e17f0000000000000000094009400560000000501280a\
         0000000f54004500530054002d00460037004400460042004300330046004500390002001e0054004500530054002d0046003700\
         4400460042004300330046004500390001001e0054004500530054002d0046003700440046004200430033004600450039000400\
         1e0074006500730074002d00660037006400660062006300330066006500390003001e0074006500730074002d00660037006400\
         66006200630033006600650039000600040001000000\
         00000000",
    );
    let upper = Some("TEST-F7DFBC3FE9");
    let lower = Some("test-f7dfbc3fe9");
    assert_eq!(names(&challenge), [upper, upper, upper, lower, lower, None]);
    assert_eq!(challenge.version, Some(Version { major: 5, minor: 1, build: 2600, revision: 15 }));
    assert_eq!(challenge.av_pairs.flags, Some(1));
    assert_eq!(challenge.av_pairs.timestamp, None);
    assert_eq!(challenge.flags & (TARGET_TYPE_SERVER | TARGET_TYPE_DOMAIN), TARGET_TYPE_SERVER);
}

/// zeek (BSD-3-Clause), testing/btest/Traces/dce-rpc/ntlm.
#[test]
fn windows_10_in_a_domain() {
    let challenge = challenge(
        "4e544c4d53535000020000001600160038000000158299e2a1b41943559755990000000000000000c600c6004e0000000a00ba47\
         0000000f42004c00410043004b0043004c004f005600450052000200160042004c00410043004b0043004c004f00560045005200\
         0100120043004200540048002d00570053002d0032000400220062006c00610063006b0063006c006f007600650072002e006c00\
         6f00630061006c000300360043004200540048002d00570053002d0032002e0062006c00610063006b0063006c006f0076006500\
         72002e006c006f00630061006c000500220062006c00610063006b0063006c006f007600650072002e006c006f00630061006c00\
         07000800b629073c5721d70100000000",
    );
    let domain = Some("BLACKCLOVER");
    let dns = Some("blackclover.local");
    let machine = [Some("CBTH-WS-2"), Some("CBTH-WS-2.blackclover.local")];
    assert_eq!(names(&challenge), [domain, machine[0], domain, machine[1], dns, dns]);
    assert_eq!(challenge.version, Some(Version { major: 10, minor: 0, build: 18362, revision: 15 }));
    assert_eq!(windows::product(18362), Some("Windows 10 1903 / Server 1903"));
    assert_eq!(challenge.flags & (TARGET_TYPE_SERVER | TARGET_TYPE_DOMAIN), TARGET_TYPE_DOMAIN);
    // 2021-03-25 09:14:18 UTC
    assert_eq!(seconds(&challenge), 1_616_663_658);
}

/// zeek (BSD-3-Clause), aduser1-ntlm.pcap.
#[test]
fn server_2022_as_a_domain_controller() {
    let challenge = challenge(
        "4e544c4d53535000020000001200120038000000050289a2801d050bedf385300000000000000000ce00ce004a0000000a007c4f\
         0000000f410044004800410043004b0049004e00470002001200410044004800410043004b0049004e00470001001e0057004900\
         4e002d00560047004f0035003600490039003500450041004b0004001e00410044004800410043004b0049004e0047002e006c00\
         6f00630061006c0003003e00570049004e002d00560047004f0035003600490039003500450041004b002e004100440048004100\
         43004b0049004e0047002e006c006f00630061006c0005001e00410044004800410043004b0049004e0047002e006c006f006300\
         61006c0007000800bfec11f29c91db0100000000",
    );
    let domain = Some("ADHACKING");
    let dns = Some("ADHACKING.local");
    let machine = [Some("WIN-VGO56I95EAK"), Some("WIN-VGO56I95EAK.ADHACKING.local")];
    assert_eq!(names(&challenge), [domain, machine[0], domain, machine[1], dns, dns]);
    assert_eq!(challenge.version, Some(Version { major: 10, minor: 0, build: 20348, revision: 15 }));
    assert_eq!(windows::product(20348), Some("Windows Server 2022"));
    // 2025-03-10 09:15:19 UTC
    assert_eq!(seconds(&challenge), 1_741_598_119);
}

/// A FreeRDP 2 shadow server with `/sec:nla`: the whole answer, with a nonce that nobody asked for.
#[test]
fn freerdp_in_a_ts_request() {
    let bytes = hex(
        "30819fa003020106a17430723070a06e046c4e544c4d53535000020000000400040038000000b78288e2ac2e8a6383b72238\
         0000000000000000300030003c0000000601b11d0000000f56004d000200040056004d000100040056004d000400040076006d00\
         0300040076006d000700080000651e34af78dd0100000000a5220420de936b76192ac714afa752036e5690f536bbface34fa0cee\
         7bba714a9a082397",
    );
    let (request, used) = TsRequest::decode(&bytes).unwrap();
    assert_eq!((used, request.version, request.nego_tokens.len()), (bytes.len(), 6, 1));
    assert!(request.client_nonce.is_some());
    let challenge = Challenge::decode(&request.nego_tokens[0]).unwrap();
    assert_eq!(names(&challenge), [Some("VM"), Some("VM"), Some("VM"), Some("vm"), Some("vm"), None]);
    assert_eq!(challenge.flags, 0xe288_82b7);
    assert_eq!(challenge.version, Some(Version { major: 6, minor: 1, build: 7601, revision: 15 }));
    assert_eq!(request.encode(), bytes);
}
