# %% task="t3"
def split(path, month, out):
    """Write good.csv and quarantine.csv into the folder `out`."""
    table = read_month(path)
    blamed = {}
    for fault in broken_cells(path) + broken_rows(path, month):
        blamed[fault["row"]] = {fault["column"]}
    bad = table.index.isin(list(blamed))
    aside = table[bad].assign(row=table.index[bad])
    aside["reason"] = [",".join(sorted(blamed[row])) for row in aside["row"]]
    table[~bad].to_csv(f"{out}/good.csv", index=False)
    aside.to_csv(f"{out}/quarantine.csv", index=False)
