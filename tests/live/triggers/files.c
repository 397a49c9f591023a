/* Files made and deleted, in the working folder of the trigger. */
#include "trigger.h"
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void made(int fd) { must("close", close(must("open", fd))); }

/* create PATH...: each by open with O_CREAT. */
static void create(int argc, char **argv) {
  for (int at = 0; at < argc; at++) made(open(argv[at], O_CREAT | O_WRONLY, 0644));
}

/* The four calls that open. */
static void create_ways(int argc, char **argv) {
  struct open_how how = {.flags = O_CREAT | O_RDWR, .mode = 0600};
  (void)argc, (void)argv;
  made(syscall(SYS_open, "by-open", O_CREAT | O_RDWR, 0600));
  made(syscall(SYS_openat, AT_FDCWD, "by-openat", O_CREAT | O_RDWR, 0600));
  made(syscall(SYS_openat2, AT_FDCWD, "by-openat2", &how, sizeof how));
  made(syscall(SYS_creat, "by-creat", 0600));
}

/* create-in FOLDER NAME: by a descriptor of the folder, while the working folder is another. */
static void create_in(int argc, char **argv) {
  (void)argc;
  int folder = must("open", open(argv[0], O_RDONLY | O_DIRECTORY));
  must("chdir", chdir("/"));
  made(openat(folder, argv[1], O_CREAT | O_WRONLY, 0644));
}

/* create-deep NAME COUNT: COUNT folders called NAME, one in another, and in the last a file of that name. */
static void create_deep(int argc, char **argv) {
  (void)argc;
  for (int left = atoi(argv[1]); left > 0; left--) {
    must("mkdir", mkdir(argv[0], 0755));
    must("chdir", chdir(argv[0]));
  }
  made(open(argv[0], O_CREAT | O_WRONLY, 0644));
}

/* Nothing is made: PATH is there already. */
static void open_existing(int argc, char **argv) {
  (void)argc;
  made(open(argv[0], O_RDWR));
  made(open(argv[0], O_CREAT | O_RDWR, 0644));
  made(open(argv[0], O_CREAT | O_RDWR | O_TRUNC, 0644));
  made(creat(argv[0], 0644));
  if (open(argv[0], O_CREAT | O_EXCL | O_RDWR, 0644) != -1) failed("made twice");
  if (open("no/such/folder", O_CREAT | O_RDWR, 0644) != -1) failed("made nowhere");
}

static void make_nameless(int argc, char **argv) {
  (void)argc, (void)argv;
  made(open(".", O_TMPFILE | O_RDWR, 0600));
}

static void make_folder(int argc, char **argv) {
  (void)argc;
  must("mkdir", mkdir(argv[0], 0755));
  must("rmdir", rmdir(argv[0]));
}

static void make_node(int argc, char **argv) {
  (void)argc;
  must("mknod", mknod(argv[0], S_IFREG | 0644, 0));
}

static void rename_to(int argc, char **argv) {
  (void)argc;
  must("rename", rename(argv[0], argv[1]));
}

static void link_to(int argc, char **argv) {
  (void)argc;
  must("link", link(argv[0], argv[1]));
}

static void symlink_to(int argc, char **argv) {
  (void)argc;
  must("symlink", symlink(argv[0], argv[1]));
}

static void delete_all(int argc, char **argv) {
  for (int at = 0; at < argc; at++) must("unlink", unlink(argv[at]));
}

static void delete_in(int argc, char **argv) {
  (void)argc;
  int folder = must("open", open(argv[0], O_RDONLY | O_DIRECTORY));
  must("chdir", chdir("/"));
  must("unlinkat", unlinkat(folder, argv[1], 0));
}

static void delete_folder_at(int argc, char **argv) {
  (void)argc;
  must("mkdir", mkdir(argv[0], 0755));
  must("unlinkat", unlinkat(AT_FDCWD, argv[0], AT_REMOVEDIR));
  if (unlink("not-there") != -1) failed("deleted nothing");
}

/* read-raw DEVICE */
static void read_raw(int argc, char **argv) {
  char block[512];
  (void)argc;
  int device = must("open", open(argv[0], O_RDONLY));
  must("read", read(device, block, sizeof block));
}

/* flood-files COUNT FOLDER: makes and deletes as fast as it can. */
static void flood_files(int argc, char **argv) {
  char name[64];
  (void)argc;
  must("chdir", chdir(argv[1]));
  long count = atol(argv[0]);
  for (long at = 0; at < count; at++) {
    snprintf(name, sizeof name, "%ld", at);
    made(open(name, O_CREAT | O_WRONLY, 0644));
    must("unlink", unlink(name));
  }
  fact("made", count);
}

const verb file_verbs[] = {{"create", create},
                           {"create-ways", create_ways},
                           {"create-in", create_in},
                           {"create-deep", create_deep},
                           {"open-existing", open_existing},
                           {"make-nameless", make_nameless},
                           {"make-folder", make_folder},
                           {"make-node", make_node},
                           {"rename", rename_to},
                           {"link", link_to},
                           {"symlink", symlink_to},
                           {"delete", delete_all},
                           {"delete-in", delete_in},
                           {"delete-folder", delete_folder_at},
                           {"read-raw", read_raw},
                           {"flood-files", flood_files},
                           {0}};
