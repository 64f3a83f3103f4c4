//! The environment layer: `NOCTIS_` and the key in capitals, dots as underscores; and `DATABASE_URL`.

use std::ffi::OsString;

use super::keys;
use super::settings::{Given, Origin, nearest};

const PREFIX: &str = "NOCTIS_";
/// Names the configuration file, as `--config` does; it is no key.
pub(super) const CONFIG_VARIABLE: &str = "NOCTIS_CONFIG";
const DATABASE_URL_VARIABLE: &str = "DATABASE_URL";

/// The variable that sets a key: `NOCTIS_PARTITIONS_AHEAD` for `partitions.ahead`.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

/// Every value in the environment, or what is wrong with it. An empty variable counts as absent.
pub(super) fn layer(variables: &[(OsString, OsString)]) -> Vec<Result<Given, String>> {
    let ours =
        |name: &str| name.starts_with(PREFIX) && name != CONFIG_VARIABLE && !is_service_link(name);
    let named = || {
        let present = variables.iter().filter(|(_, value)| !value.is_empty());
        present.filter_map(|(name, value)| Some((name.to_str()?, value)))
    };
    // The one that is meant for us alone comes last and so prevails.
    named()
        .filter(|(name, _)| *name == DATABASE_URL_VARIABLE)
        .chain(named().filter(|(name, _)| ours(name)))
        .map(|(name, value)| given(name, value))
        .collect()
}

fn given(name: &str, value: &OsString) -> Result<Given, String> {
    let about = keys::ALL.iter().copied().find(|about| {
        variable_of(about.name) == name
            || (name == DATABASE_URL_VARIABLE && about.name == keys::DATABASE_URL.about.name)
    });
    let Some(about) = about else {
        let known: Vec<String> = keys::ALL.iter().map(|about| variable_of(about.name)).collect();
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`noctis config init` writes a file with all keys".into(),
        };
        return Err(format!("{name}: no key has this variable; {hint}"));
    };
    let text =
        value.to_str().ok_or_else(|| format!("{name}: the value is not valid UTF-8"))?.to_owned();
    Ok(Given { about, text, origin: Origin::Variable(name.into()) })
}

/// Kubernetes gives every container such variables for a service that is called `noctis`; nobody meant them for us.
fn is_service_link(name: &str) -> bool {
    name == "NOCTIS_PORT" || name.starts_with("NOCTIS_PORT_") || name.starts_with("NOCTIS_SERVICE_")
}
