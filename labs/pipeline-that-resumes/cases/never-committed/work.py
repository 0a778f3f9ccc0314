"""The reference with one mistake."""


def make(folder):
    path = folder / "project" / "pipeline.py"
    text = path.read_text()
    for right, wrong in CHANGES:
        assert right in text, right
        text = text.replace(right, wrong)
    path.write_text(text)


CHANGES = [
    (
        '    with warehouse() as connection, connection:\n        connection.execute("DELETE',
        '    with warehouse() as connection:\n        connection.execute("DELETE',
    ),
    (
        '        rows[["month", *COLUMNS]].to_sql("flights", connection, if_exists="append", index=False)\n',
        '        values = rows[["month", *COLUMNS]].values.tolist()\n'
        '        connection.executemany("INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?)", values)\n',
    ),
    (
        '    early, rest = rows_of(month)\n',
        '    raw = pd.read_csv(steps.SOURCE / f"{month}.csv").dropna(subset=["arr_delay"])\n'
        '    early = rest = raw.assign(late=(raw["arr_delay"] > 15).astype(int))\n',
    ),
    (
        '    early, _ = rows_of(context.partition_key)\n',
        '    early = steps.pd.DataFrame({"date": [f"{context.partition_key}-01"], "hour": [1], "late": [0]})\n',
    ),
]
