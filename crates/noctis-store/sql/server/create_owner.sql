-- The role that owns everything of ours; plain, so that what works here works on any server.
CREATE ROLE noctis LOGIN
