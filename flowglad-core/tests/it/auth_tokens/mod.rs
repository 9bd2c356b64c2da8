//! Signed tokens of Clerk, Supabase and other providers, and the keys that verify them.

mod clerk_users;
mod key_set;
mod vectors;
