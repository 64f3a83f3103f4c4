//! Indexes: those of a parent against the schema's, those of a leaf against its parent's.

use super::{Drift, Fix, Index, Kind, Should, Snapshot, Table};
use crate::partition::Member;

pub(super) fn drifts(snapshot: &Snapshot, should: &Should<'_>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for member in Member::ALL {
        let Some(parent) = snapshot.parent(member) else { continue };
        drifts.extend(of_parent(member, parent, should));
        for leaf in snapshot.leaves(member) {
            drifts.extend(of_leaf(member, leaf, parent));
        }
    }
    drifts
}

fn of_parent(member: Member, parent: &Table, should: &Should<'_>) -> Vec<Drift> {
    let name = parent.name.as_str();
    let mut drifts = Vec::new();
    let declared = |index: &str| should.indexes.contains(&(member, index));
    for &(_, index) in should.indexes.iter().filter(|(of, _)| *of == member) {
        if !parent.indexes.iter().any(|found| found.name == index) {
            let fix = Fix::BuildIndex { member, index: index.to_owned() };
            drifts.push(Drift::fixed(
                Kind::MissingIndex,
                name,
                format!("it lacks the index {index}"),
                fix,
            ));
        }
    }
    for index in &parent.indexes {
        if !declared(&index.name) {
            let detail = format!("it has an index {} that noctis does not know", index.name);
            let advice = format!(
                "if nobody needs it, `drop index \"{}\"` removes it from all leaves: each write pays for it",
                index.name
            );
            drifts.push(Drift::advised(Kind::ExtraIndex, name, detail, advice));
        }
        if !index.valid {
            let detail = format!("its index {} is not on every leaf yet", index.name);
            let fix = Fix::BuildIndex { member, index: index.name.clone() };
            drifts.push(Drift::fixed(Kind::InvalidIndex, name, detail, fix));
        }
    }
    drifts
}

fn of_leaf(member: Member, leaf: &Table, parent: &Table) -> Vec<Drift> {
    let name = leaf.name.as_str();
    let mut drifts = Vec::new();
    for should in &parent.indexes {
        match leaf.indexes.iter().find(|index| index.part_of.as_ref() == Some(&should.name)) {
            Some(index) => drifts.extend(options(name, index, should)),
            None => {
                let fix = Fix::BuildIndex { member, index: should.name.clone() };
                let detail = format!("it lacks its parent's index {}", should.name);
                drifts.push(Drift::fixed(Kind::MissingIndex, name, detail, fix));
            }
        }
    }
    for index in &leaf.indexes {
        match (index.valid, &index.part_of) {
            (true, Some(_)) => {}
            (false, Some(_)) => {
                let detail = format!("its index {} was not built to its end", index.name);
                let fix =
                    Fix::Reindex { index: index.name.clone(), parent_index: index.part_of.clone() };
                drifts.push(Drift::fixed(Kind::InvalidIndex, name, detail, fix));
            }
            (false, None) => {
                let index = index.name.clone();
                let detail =
                    format!("{index} was not built to its end: writes pay for it, nobody reads it");
                let fix = Fix::DropInvalidIndex { table: name.to_owned(), index };
                drifts.push(Drift::fixed(Kind::InvalidIndex, name, detail, fix));
            }
            (true, None) => {
                let detail = format!("it has an index of its own, {}", index.name);
                let advice = format!(
                    "if nobody needs it: `drop index concurrently \"{}\"`; else make it on the parent",
                    index.name
                );
                drifts.push(Drift::advised(Kind::ExtraIndex, name, detail, advice));
            }
        }
    }
    drifts
}

fn options(leaf: &str, index: &Index, should: &Index) -> Option<Drift> {
    if index.options == should.options {
        return None;
    }
    let word = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let set: Vec<String> = should.options.difference(&index.options).cloned().collect();
    let reset = index
        .options
        .iter()
        .map(word)
        .filter(|option| !should.options.iter().map(word).any(|has| has == *option))
        .collect();
    let says = |index: &Index| {
        let all: Vec<&str> = index.options.iter().map(String::as_str).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    let detail = format!(
        "the options of its index {} are {}, on its parent {}",
        index.name,
        says(index),
        says(should)
    );
    let fix = Fix::SetIndexOptions { index: index.name.clone(), set, reset };
    Some(Drift::fixed(Kind::StorageOptions, leaf, detail, fix))
}
