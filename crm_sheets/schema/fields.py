"""Types of the columns' values, with the limits that a record puts on them.

Codecs convert and never judge a limit; these annotations judge and never convert (records are strict).
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, AwareDatetime, Field

from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.checks import checked_credit_code, checked_email, checked_id_number

ShortText: TypeAlias = Annotated[str, Field(max_length=200)]
LongText: TypeAlias = Annotated[str, Field(max_length=32_767)]
"""As long as a cell can be (Excel specifications and limits)."""

Word: TypeAlias = Annotated[str, Field(max_length=60)]
"""A value of a dictionary, a name of a person, a department."""

Count: TypeAlias = Annotated[int, Field(ge=0, le=10_000_000)]
Satisfaction: TypeAlias = Annotated[int, Field(ge=1, le=5)]
Recommendation: TypeAlias = Annotated[int, Field(ge=0, le=10)]
"""How likely a customer is to recommend us, as the question of the net promoter score asks it."""

Order: TypeAlias = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Money: TypeAlias = Annotated[Decimal, Field(ge=0, le=Decimal(10**13))]
"""At most ten million millions: with 2 decimals still exact in the 15 digits that a spreadsheet keeps."""

SignedMoney: TypeAlias = Annotated[Decimal, Field(ge=-Decimal(10**13), le=Decimal(10**13))]
"""What a computed amount may be: a profit is negative where there is a loss."""

Quantity: TypeAlias = Annotated[Decimal, Field(ge=0, le=Decimal(10**9))]
UnitPrice: TypeAlias = Annotated[Decimal, Field(ge=0, le=Decimal(10**9))]
"""Of one piece, with as many decimals as it has: screws are sold at 0.0375."""

Figure: TypeAlias = Annotated[Decimal, Field(ge=0, le=Decimal(10**13))]
"""An amount or a number, as the measure of a target wants it."""

SignedFigure: TypeAlias = Annotated[Decimal, Field(ge=-Decimal(10**13), le=Decimal(10**13))]
Ratio: TypeAlias = Annotated[Decimal, Field(ge=0, le=Decimal(10**17))]

Share: TypeAlias = Annotated[Decimal, Field(ge=0, le=1)]
"""A percentage as a part of one: 0.15 for 15 %."""

Day: TypeAlias = dt.date
Moment: TypeAlias = AwareDatetime
Flag: TypeAlias = bool

Phone: TypeAlias = Annotated[str, Field(max_length=40)]
Email: TypeAlias = Annotated[str, Field(max_length=254), AfterValidator(checked_email)]
CreditCode: TypeAlias = Annotated[str, AfterValidator(checked_credit_code)]
IdNumber: TypeAlias = Annotated[str, AfterValidator(checked_id_number)]

Tags: TypeAlias = Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=50)]
Links: TypeAlias = Annotated[tuple[Annotated[str, Field(max_length=2_000)], ...], Field(max_length=50)]

MOST_NAMES = 50
Names: TypeAlias = Annotated[tuple[ShortText, ...], Field(max_length=MOST_NAMES)]
"""What a customer was called before, and what those were called that were merged into it."""

RowId: TypeAlias = Annotated[str, Field(max_length=40)]
Witness: TypeAlias = Annotated[str, Field(max_length=64)]

ID_COLUMN = Column(Kind.ID, system=True, width=12)
WITNESS_COLUMN = Column(Kind.WITNESS, system=True, hidden=True, width=20)
CHECK_COLUMN = Column(Kind.LONG_TEXT, system=True, width=40)
