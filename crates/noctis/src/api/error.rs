//! What went wrong with a request, as RFC 9457 problem details; the database's own words never leave.

use std::any::Any;
use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use noctis_core::question::Fault;
use noctis_store::Trouble;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Named;
use crate::kills;

/// When someone refused for lack of room may try again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// An error as JSON, `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Tells kinds of problems apart for programs.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// What to do, for people.
    pub detail: String,
    /// What an ambiguous name can mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Named>,
}

impl Problem {
    fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        let status = status.as_u16();
        Problem { kind, title, status, detail: detail.into(), candidates: Vec::new() }
    }

    pub(crate) fn bad_value(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "urn:noctis:problem:bad-value",
            "A value cannot be read",
            detail,
        )
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "urn:noctis:problem:not-found",
            "There is no such thing",
            detail,
        )
    }

    pub(crate) fn no_such_kill(killmail_id: i64) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "urn:noctis:problem:unknown-killmail",
            "This killmail is not stored",
            format!("killmail {killmail_id} is not stored here"),
        )
    }

    pub(crate) fn method_not_allowed(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:noctis:problem:method-not-allowed",
            "This method is not allowed",
            detail,
        )
    }

    pub(crate) fn too_long(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem::new(status, "urn:noctis:problem:too-long", "The request is too long", detail)
    }

    pub(crate) fn overloaded(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:noctis:problem:overloaded",
            "There is too much to do",
            detail,
        )
    }

    pub(crate) fn too_slow(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:noctis:problem:too-slow",
            "The answer takes too long",
            detail,
        )
    }

    fn archive(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:noctis:problem:archive",
            "An archived month cannot be read",
            detail,
        )
    }

    fn unavailable(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:noctis:problem:no-database",
            "The database does not answer",
            detail,
        )
    }

    fn ours() -> Problem {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "urn:noctis:problem:internal",
            "noctis made a mistake",
            "the log of the server tells more",
        )
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        let detail = fault.to_string();
        match fault {
            Fault::UnknownKey { .. } => Problem::new(
                StatusCode::BAD_REQUEST,
                "urn:noctis:problem:unknown-key",
                "A key is not known",
                detail,
            ),
            Fault::BadValue { .. } | Fault::UnknownName { .. } | Fault::Refused { .. } => {
                Problem::bad_value(detail)
            }
            Fault::ForeignCursor => Problem::new(
                StatusCode::BAD_REQUEST,
                "urn:noctis:problem:foreign-cursor",
                "The cursor belongs to another question",
                detail,
            ),
            Fault::Ambiguous { key, name, candidates } => Problem {
                candidates: candidates
                    .into_iter()
                    .map(|(id, name)| Named { id, name: Some(name) })
                    .collect(),
                ..Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "urn:noctis:problem:ambiguous-name",
                    "A name can mean several",
                    format!("{key}={name} can mean several, see candidates; ask by id"),
                )
            },
        }
    }
}

/// Logged here, once; told without a word of the database.
impl From<noctis_store::Error> for Problem {
    fn from(error: noctis_store::Error) -> Problem {
        match error.trouble() {
            Trouble::StatementTimeout => {
                tracing::warn!(%error, "a question took too long");
                Problem::too_slow(
                    "the database had not answered when the time for one request was over; ask for a shorter time \
                     between from and to, or for something rarer",
                )
            }
            Trouble::PoolExhausted => {
                tracing::warn!(%error, "all connections to the database are in use");
                Problem::overloaded("all connections to the database are in use; try again soon")
            }
            Trouble::Unavailable => {
                tracing::error!(%error, "the database does not answer");
                Problem::unavailable("the database cannot be reached; try again soon")
            }
            Trouble::Schema => {
                tracing::error!(%error, "the tables are not those this noctis knows");
                Problem::unavailable(
                    "the database does not have the tables this noctis needs; `noctis migrate` makes them",
                )
            }
            Trouble::Other => {
                tracing::error!(%error, "a request failed");
                Problem::ours()
            }
        }
    }
}

/// Logged here, once.
impl From<kills::Error> for Problem {
    fn from(error: kills::Error) -> Problem {
        match error {
            kills::Error::Store(error) => error.into(),
            kills::Error::Archive { ref month, ref source } => {
                tracing::error!(month, %source, "an archived month cannot be read");
                Problem::archive(format!(
                    "the archived month {month} cannot be read; other months are: ask with from and to around it, or \
                     try again"
                ))
            }
            kills::Error::NoArchive { .. } => {
                tracing::error!(%error, "an archived month cannot be read");
                Problem::archive(error.to_string())
            }
            kills::Error::Moving => Problem::overloaded(error.to_string()),
            kills::Error::TooSlow => Problem::too_slow(error.to_string()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.status).expect("made from a StatusCode in this file");
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// The answer after a panic, which is a mistake of ours and never the input's.
#[allow(clippy::needless_pass_by_value, reason = "the signature that CatchPanicLayer asks for")]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = message, "a request panicked");
    Problem::ours().into_response()
}
