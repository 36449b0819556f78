"""The images that a table or a list names, whatever else it says of them."""

from collections.abc import Sequence

from ssvae.data.tables.columns import file_column_of
from ssvae.data.tables.matching import ImageNames
from ssvae.data.tables.parse import read_table
from ssvae.data.tables.row_images import match_rows


def images_of_table(
    content: bytes, where: str, names: Sequence[str], file_column: str = ""
) -> list[int]:
    """Return the images that a table names, in its order, each once.

    Args:
        content: The bytes of the table's file.
        where: How messages call the table, for example "images.csv".
        names: Paths of all images below the table's folder, "/" between folders.
        file_column: Name, or number from 1, of the column with the files. "" to find
            it.

    Returns:
        Their indices.

    Raises:
        InputError: If the bytes are no table, or no row names an image.
    """
    images = ImageNames(names)
    table = read_table(content, where, lambda cell: images.find(cell) is not None)
    column = file_column_of(table, images, file_column)
    matches, _ = match_rows(table, column, images)
    return list(dict.fromkeys(match.image for match in matches if match))
