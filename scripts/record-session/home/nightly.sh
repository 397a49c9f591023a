# What cron would run: greps, a sum, an archive.
for word in alpha beta gamma delta; do grep -c "$word" notes.sql; done
find . -name '*.c' | sort | wc -l
tar cf - project | gzip > backup.tar.gz
sha256sum backup.tar.gz > backup.sum
rm backup.tar.gz backup.sum
