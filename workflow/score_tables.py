"""Tables of scores: CSV files, and one HTML page of them for the report."""

from lofi.io.atomic import replacing

PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>{}</title>
<style>body {{font: 13px sans-serif}} table {{border-collapse: collapse; border: 0}}
td, th {{border: 0; border-bottom: 1px solid #ccc; padding: 2px 8px; text-align: right}}</style>{}"""


def write_tables(tables, page, title):
    """Write `{CSV path: (heading, data frame)}` and the `page` of all of them."""
    parts = []
    for path, (heading, table) in tables.items():
        with replacing(path) as temporary:
            table.to_csv(temporary, index=False, float_format="%.6g")
        parts.append(f"<h2>{heading}</h2>{table.to_html(index=False, float_format='%.4g'.__mod__)}")
    with replacing(page) as temporary:
        temporary.write_text(PAGE.format(title, "".join(parts)))
