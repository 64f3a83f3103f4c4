-- Is any kill known by its id alone?
SELECT EXISTS (SELECT FROM killmails_wanted);
