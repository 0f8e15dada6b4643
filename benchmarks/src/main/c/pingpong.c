/*
 * The floor that the Java contestants are measured against: 4 bytes of length and SIZE bytes of body over AF_UNIX
 * SOCK_STREAM, one send and one recv per side and direction, no poll. Without a spin time both sides block in recv at
 * once; with one they try recv(MSG_DONTWAIT) for so long before they block.
 *
 *   pingpong server PATH CALLERS SIZE CONNECTIONS SPIN_MICROS    a thread per connection
 *   pingpong client PATH CALLERS SIZE CONNECTIONS SPIN_MICROS    a thread per caller
 *
 * CONNECTIONS: kept, one for each caller; fresh, one for each call, opened and closed in its time; crowded, kept, and beside
 * them 1,000 that are idle after a call.
 *
 * Both print READY, obey the lines on their standard input, and end when it ends:
 *
 *   cpu                               prints: CPU nanoseconds of this process so far          (server)
 *   run LEAD CALLS INTERVAL FILE      prints: DONE calls=.. wall_nanos=.. cpu_nanos=.. ..     (client)
 *
 * run: each caller makes LEAD calls that are not measured, then CALLS that are, INTERVAL nanoseconds apart (0: without a
 * pause). FILE gets the nanoseconds of each call as native 64-bit integers, one caller after the other.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 4, BODIES = 16, CROWD = 1000 };

struct caller {
    pthread_t thread;
    int fd; /* -1: a fresh one for each call */
    long lead, calls;
    int64_t interval;
    int64_t *nanos; /* one for each call */
    int64_t end;
};

static int64_t spin_nanos;
static size_t body_size, frame_size;
static unsigned char *bodies[BODIES];
static struct sockaddr_un peer;
static pthread_barrier_t led_in, go;

static _Noreturn void die(const char *format, ...) {
    int error = errno;
    va_list args;
    va_start(args, format);
    printf("FAILED ");
    vprintf(format, args);
    if (error) printf(": %s", strerror(error));
    printf("\n");
    fflush(stdout);
    va_end(args);
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) die("memory for %zu bytes", size);
    return memory;
}

static int64_t clock_nanos(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static ssize_t spinning_recv(int fd, void *buf, size_t len) {
    if (spin_nanos > 0) {
        int64_t end = clock_nanos(CLOCK_MONOTONIC) + spin_nanos;
        do {
            ssize_t n = recv(fd, buf, len, MSG_DONTWAIT);
            if (n >= 0 || (errno != EAGAIN && errno != EINTR)) return n;
        } while (clock_nanos(CLOCK_MONOTONIC) < end);
    }
    return recv(fd, buf, len, 0);
}

/* Receives one frame, normally by a single recv. Returns 0 at the end of the stream, else 1. */
static int receive_frame(int fd, unsigned char *frame) {
    size_t got = 0;
    while (got < frame_size) {
        ssize_t n = spinning_recv(fd, frame + got, frame_size - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) die("recv");
        if (n == 0 && got == 0) return 0;
        if (n == 0) die("the stream ended after %zu bytes of a frame", got);
        got += n;
    }
    uint32_t length;
    memcpy(&length, frame, HEADER);
    errno = 0;
    if (ntohl(length) != body_size) die("a frame of %u bytes instead of %zu", ntohl(length), body_size);
    return 1;
}

static void send_frame(int fd, const unsigned char *frame) {
    size_t sent = 0;
    while (sent < frame_size) {
        ssize_t n = send(fd, frame + sent, frame_size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) die("send");
        sent += n;
    }
}

static struct sockaddr_un address(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    errno = 0;
    if (strlen(path) >= sizeof address.sun_path) die("the path %s is too long", path);
    strcpy(address.sun_path, path);
    return address;
}

static void start(pthread_t *thread, void *(*body)(void *), void *argument) {
    errno = pthread_create(thread, NULL, body, argument);
    if (errno) die("pthread_create");
}

/* ---- server ---- */

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    unsigned char *frame = allocate(frame_size);
    while (receive_frame(fd, frame)) send_frame(fd, frame);
    close(fd);
    free(frame);
    return NULL;
}

static void *accept_all(void *argument) {
    int listener = (int)(intptr_t)argument;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && errno == EINTR) continue;
        if (fd < 0) die("accept");
        pthread_t thread;
        start(&thread, serve, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
}

static int server(const char *path) {
    struct sockaddr_un name = address(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) die("socket");
    if (bind(listener, (struct sockaddr *)&name, sizeof name) < 0) die("bind %s", path);
    if (listen(listener, 512) < 0) die("listen");
    pthread_t acceptor;
    start(&acceptor, accept_all, (void *)(intptr_t)listener);

    char line[256];
    printf("READY\n");
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "cpu\n") == 0) printf("%lld\n", (long long)clock_nanos(CLOCK_PROCESS_CPUTIME_ID));
        else die("unknown command %s", line);
    }
    unlink(path);
    return 0;
}

/* ---- client ---- */

static void await_turn(int64_t due) {
    struct timespec at = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {}
}

static int connection(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0) die("connect %s", peer.sun_path);
    return fd;
}

static void make_calls(struct caller *caller, long calls, int64_t *nanos) {
    unsigned char *request = allocate(frame_size), *reply = allocate(frame_size);
    uint32_t length = htonl(body_size);
    memcpy(request, &length, HEADER);
    int64_t begin = clock_nanos(CLOCK_MONOTONIC);
    for (long i = 0; i < calls; i++) {
        if (caller->interval > 0) await_turn(begin + i * caller->interval);
        const unsigned char *body = bodies[i % BODIES];
        int64_t before = clock_nanos(CLOCK_MONOTONIC);
        int fd = caller->fd < 0 ? connection() : caller->fd;
        memcpy(request + HEADER, body, body_size);
        send_frame(fd, request);
        int replied = receive_frame(fd, reply);
        if (caller->fd < 0) close(fd);
        int64_t after = clock_nanos(CLOCK_MONOTONIC);
        errno = 0;
        if (!replied) die("the server ended the stream");
        if (memcmp(reply + HEADER, body, body_size) != 0) die("the reply to call %ld has other bytes than its request", i);
        if (nanos) nanos[i] = after - before;
    }
    free(request);
    free(reply);
}

static void *call(void *argument) {
    struct caller *caller = argument;
    make_calls(caller, caller->lead, NULL);
    pthread_barrier_wait(&led_in);
    pthread_barrier_wait(&go);
    make_calls(caller, caller->calls, caller->nanos);
    caller->end = clock_nanos(CLOCK_MONOTONIC);
    return NULL;
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile_micros(const int64_t *sorted, long count, double percent) {
    long index = (long)(count * percent / 100);
    return sorted[index < count ? index : count - 1] / 1e3;
}

static void run(struct caller *callers, int count, long lead, long calls, int64_t interval, const char *path) {
    long total = calls * count;
    int64_t *nanos = malloc(total * sizeof *nanos);
    if (!nanos) die("memory for %ld samples", total);
    memset(nanos, 1, total * sizeof *nanos); /* no page faults while measuring */
    pthread_barrier_init(&led_in, NULL, count + 1);
    pthread_barrier_init(&go, NULL, count + 1);
    for (int i = 0; i < count; i++) {
        callers[i].lead = lead;
        callers[i].calls = calls;
        callers[i].interval = interval;
        callers[i].nanos = nanos + i * calls;
        start(&callers[i].thread, call, &callers[i]);
    }
    pthread_barrier_wait(&led_in);
    int64_t cpu = clock_nanos(CLOCK_PROCESS_CPUTIME_ID), begin = clock_nanos(CLOCK_MONOTONIC), end = begin;
    pthread_barrier_wait(&go);
    for (int i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
        if (callers[i].end > end) end = callers[i].end;
    }
    cpu = clock_nanos(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    pthread_barrier_destroy(&led_in);
    pthread_barrier_destroy(&go);

    FILE *file = fopen(path, "wb");
    if (!file || fwrite(nanos, sizeof *nanos, total, file) != (size_t)total || fclose(file) != 0) die("write %s", path);
    qsort(nanos, total, sizeof *nanos, ascending);
    printf("DONE calls=%ld wall_nanos=%lld cpu_nanos=%lld p50_us=%.3f p90_us=%.3f p99_us=%.3f p99.9_us=%.3f\n", total,
           (long long)(end - begin), (long long)cpu, percentile_micros(nanos, total, 50),
           percentile_micros(nanos, total, 90), percentile_micros(nanos, total, 99),
           percentile_micros(nanos, total, 99.9));
    free(nanos);
}

static int client(const char *path, int count, const char *connections) {
    peer = address(path);
    struct caller *callers = calloc(count, sizeof *callers);
    if (!callers) die("memory for %d callers", count);
    srandom(64);
    for (int i = 0; i < BODIES; i++) bodies[i] = allocate(body_size);
    for (int i = 0; i < BODIES; i++)
        for (size_t j = 0; j < body_size; j++) bodies[i][j] = random();
    int fresh = strcmp(connections, "fresh") == 0;
    for (int i = 0; i < count; i++) callers[i].fd = fresh ? -1 : connection();
    int crowd = strcmp(connections, "crowded") == 0 ? CROWD : 0;
    for (int i = 0; i < crowd; i++) { /* open until the process ends */
        struct caller idle = {.fd = connection()};
        make_calls(&idle, 1, NULL);
    }

    char line[4400], file[4097];
    long lead, calls;
    long long interval;
    printf("READY\n");
    while (fgets(line, sizeof line, stdin)) {
        errno = 0;
        if (sscanf(line, "run %ld %ld %lld %4096[^\n]", &lead, &calls, &interval, file) != 4 || lead < 0 || calls < 1)
            die("unknown command %s", line);
        run(callers, count, lead, calls, interval, file);
    }
    free(callers);
    return 0;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 7 && atoi(argv[3]) > 0 && atol(argv[4]) > 0) {
        body_size = atol(argv[4]);
        frame_size = HEADER + body_size;
        spin_nanos = atol(argv[6]) * INT64_C(1000);
        if (strcmp(argv[1], "server") == 0) return server(argv[2]);
        if (strcmp(argv[1], "client") == 0) return client(argv[2], atoi(argv[3]), argv[5]);
    }
    fprintf(stderr, "usage: %s server|client PATH CALLERS SIZE kept|fresh|crowded SPIN_MICROS\n", argv[0]);
    return 2;
}
