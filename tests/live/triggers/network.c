/* Connections, all over the loopback. */
#include "trigger.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} address;

static socklen_t size_of(int family) {
  return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static address loopback(int family, int port) {
  address one = {0};
  one.any.sa_family = family;
  if (family == AF_INET) {
    one.v4.sin_port = htons(port);
    one.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    one.v6.sin6_port = htons(port);
    one.v6.sin6_addr = in6addr_loopback;
  }
  return one;
}

static int port_of(int fd) {
  address one;
  socklen_t size = sizeof one;
  must("getsockname", getsockname(fd, &one.any, &size));
  return ntohs(one.any.sa_family == AF_INET ? one.v4.sin_port : one.v6.sin6_port);
}

static int bound(int family, int type) {
  int fd = must("socket", socket(family, type | SOCK_CLOEXEC, 0));
  address here = loopback(family, 0);
  must("bind", bind(fd, &here.any, size_of(family)));
  return fd;
}

enum { BLOCKS, NONBLOCKING };

static void tcp(int family, int way) {
  int server = bound(family, SOCK_STREAM);
  must("listen", listen(server, 4));
  int client = must("socket", socket(family, SOCK_STREAM | (way == NONBLOCKING ? SOCK_NONBLOCK : 0), 0));
  address there = loopback(family, port_of(server));
  int result = connect(client, &there.any, size_of(family));
  if (result == -1 && !(way == NONBLOCKING && errno == EINPROGRESS)) failed("connect");
  fact("inProgress", result == -1);
  struct pollfd ready = {client, POLLOUT, 0};
  must("poll", poll(&ready, 1, 1000));
  fact("client", port_of(client));
  fact("server", port_of(server));
  if (way == NONBLOCKING)
    must("accept4", accept4(server, 0, 0, SOCK_CLOEXEC));
  else
    must("accept", accept(server, 0, 0));
}

static void tcp4(int argc, char **argv) { (void)argc, (void)argv, tcp(AF_INET, BLOCKS); }
static void tcp6(int argc, char **argv) { (void)argc, (void)argv, tcp(AF_INET6, BLOCKS); }
static void tcp4_nonblocking(int argc, char **argv) { (void)argc, (void)argv, tcp(AF_INET, NONBLOCKING); }
static void tcp6_nonblocking(int argc, char **argv) { (void)argc, (void)argv, tcp(AF_INET6, NONBLOCKING); }

/* A v6 socket that talks v4. */
static void tcp_mapped(int argc, char **argv) {
  (void)argc, (void)argv;
  int server = bound(AF_INET, SOCK_STREAM);
  must("listen", listen(server, 4));
  int client = must("socket", socket(AF_INET6, SOCK_STREAM, 0));
  address there = loopback(AF_INET6, port_of(server));
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &there.v6.sin6_addr);
  must("connect", connect(client, &there.any, size_of(AF_INET6)));
  fact("client", port_of(client));
  fact("server", port_of(server));
}

/* Nobody listens: no connection, no event. */
static void tcp_refused(int argc, char **argv) {
  (void)argc, (void)argv;
  int closed = bound(AF_INET, SOCK_STREAM);
  address there = loopback(AF_INET, port_of(closed));
  int client = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  if (connect(client, &there.any, size_of(AF_INET)) != -1) failed("connected");
}

static void udp_connected(int family) {
  int server = bound(family, SOCK_DGRAM), client = must("socket", socket(family, SOCK_DGRAM, 0));
  address there = loopback(family, port_of(server));
  must("connect", connect(client, &there.any, size_of(family)));
  must("send", send(client, "a", 1, 0));
  must("send", send(client, "b", 1, 0));
  fact("client", port_of(client));
  fact("server", port_of(server));
  // Taking the address off again is no connection.
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  must("disconnect", connect(client, &none, sizeof none));
}

static void udp4_connected(int argc, char **argv) { (void)argc, (void)argv, udp_connected(AF_INET); }
static void udp6_connected(int argc, char **argv) { (void)argc, (void)argv, udp_connected(AF_INET6); }

/* Three datagrams to one address without connecting: who is talked to is news once. */
static void udp_sent(int family) {
  int server = bound(family, SOCK_DGRAM), client = must("socket", socket(family, SOCK_DGRAM, 0));
  address there = loopback(family, port_of(server));
  for (int at = 0; at < 3; at++) must("sendto", sendto(client, "a", 1, 0, &there.any, size_of(family)));
  fact("client", port_of(client));
  fact("server", port_of(server));
}

static void udp4_sent(int argc, char **argv) { (void)argc, (void)argv, udp_sent(AF_INET); }
static void udp6_sent(int argc, char **argv) { (void)argc, (void)argv, udp_sent(AF_INET6); }

static void unix_socket(int argc, char **argv) {
  struct sockaddr_un here = {.sun_family = AF_UNIX};
  (void)argc, (void)argv;
  snprintf(here.sun_path + 1, sizeof here.sun_path - 1, "noisefloor-trigger-%d", getpid());
  int server = must("socket", socket(AF_UNIX, SOCK_STREAM, 0)), client = must("socket", socket(AF_UNIX, SOCK_STREAM, 0));
  must("bind", bind(server, (void *)&here, sizeof here));
  must("listen", listen(server, 1));
  must("connect", connect(client, (void *)&here, sizeof here));
  must("accept", accept(server, 0, 0));
}

const verb network_verbs[] = {{"tcp4", tcp4},
                              {"tcp6", tcp6},
                              {"tcp4-nonblocking", tcp4_nonblocking},
                              {"tcp6-nonblocking", tcp6_nonblocking},
                              {"tcp-mapped", tcp_mapped},
                              {"tcp-refused", tcp_refused},
                              {"udp4-connected", udp4_connected},
                              {"udp6-connected", udp6_connected},
                              {"udp4-sent", udp4_sent},
                              {"udp6-sent", udp6_sent},
                              {"unix", unix_socket},
                              {0}};
