def mutate(cells):
    cells["notebook"].update(nbformat=3, worksheets=[{"cells": cells["notebook"]["cells"]}])
