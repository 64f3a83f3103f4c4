//! An ESI body as text → [`Killmail`](super::Killmail).
