"""Cells taken apart: one table for each column, with what people type on the left."""

import pytest

from crm_sheets.rules.duplicates.addresses import NO_ADDRESS, address_of
from crm_sheets.rules.duplicates.fields import code_of, contact_of, email_of, organisation_of, phones_of
from crm_sheets.rules.duplicates.names import NOTHING, name_of
from crm_sheets.rules.duplicates.regions import leading_region
from crm_sheets.rules.duplicates.text import codes_of, plain, sound, syllables, voices_of


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (None, ""),
        ("  Ａcme\u200b Ltd ", "acme ltd"),
        ("華為技術", "华为技术"),
        ("（集团）", "(集团)"),
        ("B座216室", "b座216室"),
    ],
)
def test_plain(typed: str | None, expected: str) -> None:
    assert plain(typed) == expected
    assert plain(plain(typed)) == expected


def test_sound_tells_nothing_of_tone_or_script() -> None:
    assert sound(plain("華為")) == sound("华维") == "huawei"


@pytest.mark.parametrize(
    ("typed", "place", "rest"),
    [
        ("山东省济宁市米岸", ("山东", "济宁"), "米岸"),
        ("济宁米岸", ("山东", "济宁"), "米岸"),
        ("北京市同来馆", ("北京", "北京"), "同来馆"),
        ("青海省海西蒙古族藏族自治州都兰", ("青海", "海西"), "都兰"),
        ("三门峡云南红", ("河南", "三门峡"), "云南红"),
        ("吉林省长春市一汽", ("吉林", "长春"), "一汽"),
        ("米岸济宁", ("", ""), "米岸济宁"),
    ],
)
def test_leading_region(typed: str, place: tuple[str, str], rest: str) -> None:
    region, left = leading_region(typed)
    assert ((region.province, region.city), left) == (place, rest)


@pytest.mark.parametrize(
    ("typed", "city", "branch", "brand", "trade"),
    [
        ("山东省济宁市米岸电子科技有限公司", "济宁", "", "米岸", "电子科技"),
        ("米岸（济宁）电子科技有限责任公司", "济宁", "", "米岸", "电子科技"),
        ("米岸電子科技（集團）股份有限公司", "", "", "米岸", "电子科技"),
        ("济宁 米岸　电子科技有限公司(重复)", "济宁", "", "米岸", "电子科技"),
        ("米岸电子科技有限公司-总部", "", "", "米岸", "电子科技"),
        ("米岸电子科技有限则任公司", "", "", "米岸", "电子科技"),
        ("米岸", "", "", "米岸", ""),
        ("济宁米岸电子科技有限公司上海分公司", "济宁", "上海", "米岸", "电子科技"),
        ("米岸电子科技有限公司常州分公司南昌分公司", "", "常州南昌", "米岸", "电子科技"),
        ("北京", "", "", "北京", ""),
        ("济宁米岸上海分公司", "济宁", "上海", "米岸", ""),
        ("济宁米岸酒店管理芜湖分公司（重复）", "济宁", "芜湖", "米岸", "酒店管理"),
        ("慈溪市米岸电子有限公司", "", "", "米岸", "电子"),
        ("山东省际宁市米岸电子有限公司", "", "", "米岸", "电子"),
        ("家家超市有限公司", "", "", "家家超市", ""),
    ],
)
def test_chinese_names(typed: str, city: str, branch: str, brand: str, trade: str) -> None:
    name = name_of(typed)
    assert (name.region.city, name.branch, name.brand, name.trade) == (city, branch, brand, trade)


@pytest.mark.parametrize(
    ("typed", "brand", "trade"),
    [
        ("The Scott & Campbell Packaging Co., Ltd.", "scottcampbell", "packaging"),
        ("SCOTT CAMPBELL PACKAGING, INC", "scottcampbell", "packaging"),
        ("Ａｔｌａｓ Ｒｏｂｏｔｉｃｓ ＧｍｂＨ", "atlas", "robotics"),
        ("Software Ltd", "software", ""),
        ("Atlas Robotics GmbH-总部", "atlas", "robotics"),
        ("Atlas Robotics GmbH（重复）", "atlas", "robotics"),
    ],
)
def test_western_names(typed: str, brand: str, trade: str) -> None:
    name = name_of(typed)
    assert (name.brand, name.trade) == (brand, trade)


def test_a_name_of_nothing_is_no_name() -> None:
    assert name_of(None) == name_of(" ") == name_of("（北京）") == NOTHING
    assert name_of("!!").brand == ""


@pytest.mark.parametrize(
    ("typed", "city"), [("Hangzhou Diweisi Co., Ltd.", "杭州"), ("Suzhou Diweisi Co., Ltd.", ""), ("Hangzhou", "")]
)
def test_a_city_in_pinyin(typed: str, city: str) -> None:
    assert name_of(typed).region.city == city, "苏州 and 宿州 sound alike"


@pytest.mark.parametrize(
    ("typed", "word"),
    [("Sichuan Diweisi Co., Ltd.", "diweisi"), ("Atlas Robotics Ltd", ""), ("One Two Three Ltd", "")],
)
def test_romanised(typed: str, word: str) -> None:
    assert name_of(typed).roman == word


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "138 1234 5678",
        "+86-138-1234-5678",
        "008613812345678",
        "１３８１２３４５６７８",
        "13812345678转8001",
    ],
)
def test_a_mobile_is_one_number_however_it_is_typed(typed: str) -> None:
    assert phones_of(typed) == ("3812345678",)


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("0532-88886666", ("3288886666",)),
        ("+86-532-88886666 ext 12", ("3288886666",)),
        ("13812345678/0532-88886666", ("3812345678", "3288886666")),
        ("+1 (310) 972-0117", ("3109720117",)),
        ("310-972-0117", ("3109720117",)),
        ("4006", ()),
        ("", ()),
    ],
)
def test_phones(typed: str, numbers: tuple[str, ...]) -> None:
    assert phones_of(typed) == numbers


@pytest.mark.parametrize(
    ("typed", "address", "shared", "company"),
    [
        (" Info＠MiAn.cn; ", "info@mian.cn", True, "mian.cn"),
        ("li.lei+crm@gmail.com", "lilei@gmail.com", False, ""),
        ("lilei@163.com", "lilei@163.com", False, ""),
        ("not an address", "", False, ""),
    ],
)
def test_emails(typed: str, address: str, shared: bool, company: str) -> None:
    email = email_of(typed)
    assert (email.address, email.shared, email.company) == (address, shared, company)


def test_codes() -> None:
    assert code_of(" 91255978 jkpg7r6chb ") == "91255978JKPG7R6CHB"
    assert organisation_of("91255978JKPG7R6CHB") == organisation_of("92255978JKPG7R6CHX") == "JKPG7R6CH"
    assert organisation_of("123") == ""


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("钟佳一（采购）经理", "钟佳一"),
        ("王 小明先生", "王小明"),
        ("王总", "王"),
        ("Ms. Thomas Moore", "moore thomas"),
        ("Moore, Thomas", "moore thomas"),
    ],
)
def test_contacts(typed: str, contact: str) -> None:
    assert contact_of(typed) == contact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("山东省菏泽市巨野县田桥镇和平大道708号金同工业园B座216室", "山东菏泽巨野县和平大道708#"),
        ("4826 United Boulevard, Suite 748, Chicago", "4826 United Blvd, Ste 748"),
    ],
)
def test_one_house_has_one_place(one: str, other: str) -> None:
    assert address_of(one).place == address_of(other).place != ""


def test_the_county_is_part_of_a_house() -> None:
    assert address_of("山东省菏泽市巨野县和平路7号").place != address_of("山东省菏泽市单县和平路7号").place
    assert address_of("") == NO_ADDRESS


@pytest.mark.parametrize(
    ("one", "other"), [("米岸", "迷岸"), ("米岸", "米粒"), ("啊a", "a啊"), ("an", "安"), ("an", "n安")]
)
def test_voices_are_alike_where_syllables_are(one: str, other: str) -> None:
    alike = [a == b for a, b in zip(*(voices_of(codes_of(text)) for text in (one, other)), strict=False)]
    assert alike == [a == b for a, b in zip(syllables(one), syllables(other), strict=False)]
