# %% task="t1"
KNOWN = {tuple(row) for table in (january, february) for row in table.fillna("").itertuples(index=False)}
BUT_ONE = {}
for row in KNOWN:
    for place in range(len(COLUMNS)):
        BUT_ONE[place, row[:place] + row[place + 1 :]] = True


def broken_cells(path):
    found = []
    for number, row in enumerate(read_month(path).fillna("").itertuples(index=False)):
        row = tuple(row)
        if row in KNOWN:
            continue
        places = [p for p in range(len(COLUMNS)) if (p, row[:p] + row[p + 1 :]) in BUT_ONE]
        places = places or [p for p in range(len(COLUMNS)) if row[p] == "" or not row[p].isalnum()]
        found += [{"row": number, "column": COLUMNS[p]} for p in places]
    return found
