/* What a plain C program does: inserts the interaction log's columns into a workspace's own table, prepared once, in
 * transactions of `batch` rows, with the pragmas that Holdfast uses.
 *
 * usage: logging_peer DATABASE ROWS BATCH BLOB_BYTES    prints rows a second
 * The database is a workspace that Holdfast made, so that table and indexes are the same. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3* database;

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "logging_peer: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static void run(const char* sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL)); }

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint64_t state = 88172645463325252ULL;
static uint64_t draw(void) { /* xorshift64 */
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const long rows = atol(argv[2]), batch = atol(argv[3]), bytes = atol(argv[4]);
    check(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;"
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
        "INSERT INTO schemas (namespace, hash, features, json, event_time, recorded_time, txn) "
        "VALUES ('default', x'00', 30, '{}', 1, 1, 1);");
    const sqlite3_int64 schema = sqlite3_last_insert_rowid(database);
    sqlite3_stmt *insert, *count;
    check(sqlite3_prepare_v3(
        database,
        "INSERT INTO interactions (namespace, endpoint, id, role, version, latency_ns, event_time, recorded_time, txn, "
        "schema, entity, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
        "ON CONFLICT (namespace, id, endpoint, role) DO NOTHING",
        -1, SQLITE_PREPARE_PERSISTENT, &insert, NULL));
    check(sqlite3_prepare_v3(database, "UPDATE counter SET txn = txn + 1", -1, SQLITE_PREPARE_PERSISTENT, &count, NULL));
    float* data = malloc((size_t)bytes + 8);
    char id[64];
    const double begin = seconds();
    sqlite3_int64 now = 1700000000000000LL;
    for (long row = 0; row < rows; ++row) {
        if (row % batch == 0) {
            run("BEGIN IMMEDIATE");
            check(sqlite3_step(count));
            check(sqlite3_reset(count));
        }
        now += 10;
        const unsigned long long ms = (unsigned long long)(now / 1000), one = draw(), two = draw();
        snprintf(id, sizeof id, "%08llx-%04llx-7%03llx-%04llx-%012llx", ms >> 16, ms & 0xffff, one & 0xfff,
                 0x8000 | (one >> 50), two & 0xffffffffffffULL);
        for (long i = 0; i < bytes / 4; ++i) data[i] = (float)(draw() >> 40);
        sqlite3_bind_text(insert, 1, "default", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, "line", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, id, 36, SQLITE_STATIC);
        sqlite3_bind_text(insert, 4, "live", -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 5, 1);
        sqlite3_bind_int64(insert, 6, 1000);
        sqlite3_bind_int64(insert, 7, now);
        sqlite3_bind_int64(insert, 8, now);
        sqlite3_bind_int64(insert, 9, row / batch + 1);
        sqlite3_bind_int64(insert, 10, schema);
        sqlite3_bind_null(insert, 11);
        sqlite3_bind_blob(insert, 12, data, (int)bytes, SQLITE_STATIC);
        check(sqlite3_step(insert));
        check(sqlite3_reset(insert));
        if (row % batch == batch - 1 || row == rows - 1) run("COMMIT");
    }
    printf("%.1f\n", (double)rows / (seconds() - begin));
    sqlite3_finalize(insert);
    sqlite3_finalize(count);
    free(data);
    sqlite3_close(database);
    return 0;
}
