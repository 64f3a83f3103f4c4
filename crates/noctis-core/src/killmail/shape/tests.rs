//! Every shape of `feeds.md` gives the same body.

use super::*;

const BODY: &str = r#"{"killmail_id":5,"killmail_time":"2008-06-20T23:14:00Z","solar_system_id":30005000,"victim":{"ship_type_id":11371,"damage_taken":1,"items":[]},"attackers":[{"security_status":-2,"final_blow":true,"damage_done":1,"unknown":1e2}],"moon_id":7}"#;
const HASH: &str = "cb62fb62c0947e3909050f976b2a240b43dc005f";

fn recognise_text(text: &str) -> Result<Record, Rejected> {
    recognise(&Piece::Value(text.as_bytes().to_vec()))
}

#[track_caller]
fn check_body(text: &str) -> Mail {
    match recognise_text(text) {
        Ok(Record::Mail(mail)) => {
            assert_eq!(mail.body, BODY);
            *mail
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_body_alone_comes_out_of_every_wrapper() {
    let zkb = format!(r#"{{"hash":"{HASH}","totalValue":10000.5,"points":1}}"#);
    let wrapped = BODY.strip_suffix('}').unwrap();
    assert_eq!(check_body(BODY).zkb, None);
    check_body(&format!(" {BODY}\n"));
    check_body(&format!(r#"{wrapped},"killmail_hash":"{HASH}","http_last_modified":"x"}}"#));
    assert!(check_body(&format!(r#"{wrapped},"zkb":{zkb}}}"#)).zkb.is_some());
    let r2z2 = check_body(&format!(
        r#"{{"killmail_id":5,"hash":"{HASH}","esi":{BODY},"zkb":{zkb},"uploaded_at":1775112083,"sequence_id":3}}"#
    ));
    assert_eq!(r2z2.zkb.unwrap().rank, 1_775_112_083);
    check_body(&format!(r#"{{"package":{{"killID":5,"killmail":{BODY},"zkb":{zkb}}}}}"#));
}

#[test]
fn rows_without_a_body_are_wanted_and_an_empty_poll_is_nothing() {
    let wanted = |text: &str| match recognise_text(text) {
        Ok(Record::Wanted(wanted)) => *wanted,
        other => panic!("{other:?}"),
    };
    let row = wanted(&format!(r#"{{"killmail_id":5,"zkb":{{"hash":"{HASH}","totalValue":1}}}}"#));
    assert_eq!((row.hash, row.zkb.is_some()), (KillmailHash::parse(HASH), true));
    assert_eq!(wanted(&format!(r#"{{"killmail_id":5,"hash":"{HASH}"}}"#)).zkb, None);
    assert!(matches!(recognise_text(r#"{"package":null}"#), Ok(Record::Nothing)));
    let entry = Piece::Entry { killmail_id: 5, value: format!("\"{HASH}\"").into_bytes() };
    assert!(matches!(recognise(&entry), Ok(Record::Wanted(_))));
    let entry = Piece::Entry { killmail_id: 5, value: BODY.as_bytes().to_vec() };
    assert!(matches!(recognise(&entry), Ok(Record::Mail(_))));
}

#[track_caller]
fn check_reason(text: &str, expected: Reason) {
    assert_eq!(recognise_text(text).unwrap_err().reason, expected, "{text}");
}

#[test]
fn what_is_no_killmail_is_told_apart() {
    check_reason("[1]", Reason::NotAKillmail);
    check_reason(r#"{"a":1}"#, Reason::NotAKillmail);
    check_reason(r#"{"killmail_id":5}"#, Reason::MissingField);
    check_reason(r#"{"killmail_id":5,"hash":"xyz"}"#, Reason::AbsurdField);
    check_reason(&format!(r#"{{"killmail_id":6,"esi":{BODY}}}"#), Reason::AbsurdField);
    check_reason(&BODY.replace("11371", "1e999999"), Reason::NumberTooLarge);
    check_reason(
        &BODY.replace("\"moon_id\":7", "\"zkb\":{\"totalValue\":1e18}"),
        Reason::AbsurdField,
    );
    let other = Piece::Entry { killmail_id: 6, value: BODY.as_bytes().to_vec() };
    assert_eq!(recognise(&other).unwrap_err().reason, Reason::AbsurdField);
    assert_eq!(
        recognise(&Piece::Value(vec![b'{', 0xff, b'}'])).unwrap_err().reason,
        Reason::NotUtf8
    );
}
