//! Pairs of key and value, as a query string has them: a comma between values is *or*.

use super::{Group, Pair, Word};
use crate::question::VALUES_MAX;
use crate::question::fault::Fault;
use crate::question::key::Key;

pub(super) fn read(pairs: &[(String, String)]) -> Result<Group, Fault> {
    let pairs = pairs.iter().map(|(typed, value)| {
        let key = Key::read(typed)?;
        Ok(Pair { key, typed: typed.clone(), words: words(typed, value)? })
    });
    Ok(Group { pairs: pairs.collect::<Result<_, _>>()?, nested: Vec::new() })
}

fn words(typed: &str, value: &str) -> Result<Vec<Word>, Fault> {
    let count = value.split(',').count();
    if count > VALUES_MAX {
        let expected =
            format!("at most {VALUES_MAX} values; POST /api/v1/killmails/search takes more");
        return Err(Fault::bad(typed, &format!("{count} values long"), &expected));
    }
    value
        .split(',')
        .map(|word| match word.trim() {
            "" | "-" => Err(Fault::bad(typed, value, "a value is empty")),
            text if text.contains('\0') => Err(Fault::bad(typed, value, "a value holds a NUL")),
            text => Ok(Word { text: text.to_owned(), negated: false }),
        })
        .collect()
}
