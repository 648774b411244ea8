"""A table of names in buckets by their hash, as lint/name_table.c looks them up."""


def hash_of(name):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for octet in name.encode("ascii"):
        value = (value ^ octet) * 16777619 & 0xffffffff
    return value


def rows(items):
    """Items with a comma each, in lines of at most 100 columns."""
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > 100:
            yield line
            line = "   "
        line += f" {item},"
    yield line


def print_table(table, names, num_buckets):
    """The C text of one table: the names bucket by bucket, and where each bucket begins.

    num_buckets is a power of two.
    """
    buckets = [[] for _ in range(num_buckets)]
    for name in sorted(names):
        buckets[hash_of(name) % num_buckets].append(name)
    first = [0]
    for bucket in buckets:
        first.append(first[-1] + len(bucket))
    print("static const char *const names[] = {")
    print("\n".join(rows(f'"{name}"' for bucket in buckets for name in bucket)))
    print("""};

static const uint16_t first[] = {""")
    print("\n".join(rows(str(place) for place in first)))
    print(f"""}};

const struct name_table {table} = {{names, first, sizeof(first) / sizeof(first[0]) - 2}};""")
