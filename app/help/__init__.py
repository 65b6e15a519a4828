"""The help centre: manuals as Markdown files, read inside the product, searched, printed, downloaded.

Glossary
--------
manual 手册        what one role needs to know; a folder of ``manuals/<language>``
chapter 章         a file of a manual, ``<number>-<name>.md``; its first line is its title
section 节         what stands under a heading of the second level; search finds sections
reader 读者        who may open a manual; what concerns registration and sign-in is for everybody

``pages.csv`` says which chapter the link "help for this page" opens. In a chapter a link is written
``[words](manual/chapter)`` or ``[words](page:View.endpoint)``, a picture ``![what it shows](name)``.
"""
