//! sde
