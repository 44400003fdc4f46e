"""What the law says on recognising emotions, as far as it is known here, and the notice for people who are filmed.

Information, not legal advice. Sources: Regulation (EU) 2024/1689 (AI Act), Article 5(1)(f) with Article 113(a), Article
50(3), Annex III point 1(c); Regulation (EU) 2016/679 (GDPR), Articles 13, 15 to 17 and 21.
"""

from __future__ import annotations

from dashboard.report_document import Document

PROHIBITED = (
    "In the European Union it is prohibited to use an AI system to infer emotions of people **at work** (applicants "
    "and staff, in hiring, supervision or assessment) and **in education institutions** (pupils, students, in lessons "
    "or exams), except for medical or safety reasons. This has applied since 2 February 2025 (AI Act, Regulation (EU) "
    "2024/1689, Article 5(1)(f)).",
    "Whoever uses it elsewhere must inform the people exposed to it that it is at work, and must process their "
    "personal data as the GDPR says (Article 50(3), since 2 August 2026). Recognising emotions is among the high-risk "
    "uses (Annex III, point 1(c)), so that further duties can apply.",
    "Moodreel shows what faces express, not what people feel. It can be wrong, and is more often wrong about some "
    "people than about others: no decision about a person may rest on it alone.",
)
NO_ADVICE = "This is information, not legal advice; other law can apply where you are."
STATEMENT = (
    "I confirm that this Moodreel is not used to infer emotions of people at work or in education institutions (but "
    "for medical or safety reasons as Regulation (EU) 2024/1689, Article 5(1)(f) allows), that the people filmed are "
    "informed as Article 50(3) asks, and that there is a lawful basis for using their videos."
)

LANGUAGES = {"en": "English", "de": "Deutsch"}
_TITLE = {"en": "Your face is analysed here", "de": "Hier werden Gesichter ausgewertet"}
_BLANK = {"en": "[to be filled in]", "de": "[bitte ergänzen]"}


def notice(language: str, settings: dict) -> list[tuple[str, str]]:
    """The notice for people filmed: (heading, paragraph) each. language: one of LANGUAGES; settings: as from the store.

    What nobody has filled in yet stands in square brackets.
    """
    about = {
        name: settings["notice"][name].strip() or _BLANK[language] for name in ("controller", "contact", "purpose")
    }
    german = language == "de"
    kept = _kept(settings, german)
    if german:
        return [
            ("Was geschieht", "Sie werden gefilmt, und ein System der künstlichen Intelligenz (Moodreel) erkennt in "
             "den Aufnahmen Gesichter und schätzt, welchen Ausdruck sie zeigen: wütend, angeekelt, ängstlich, "
             "fröhlich, traurig, überrascht oder neutral. Es stellt fest, was Gesichter zeigen, nicht, was Menschen "
             "fühlen, und es kann sich irren. Es erkennt nicht, wer Sie sind."),
            ("Wozu", about["purpose"]),
            ("Wer verantwortlich ist", f"{about['controller']}. Kontakt: {about['contact']}."),
            ("Wo und wie lange", f"Die Auswertung geschieht auf einem Rechner der verantwortlichen Stelle; kein Bild "
             f"verlässt ihn durch Moodreel. {kept}"),
            ("Ihre Rechte", "Sie können Auskunft über Ihre Daten verlangen, ihre Berichtigung und Löschung, und der "
             "Verarbeitung widersprechen; eine Einwilligung können Sie jederzeit für die Zukunft widerrufen, ohne "
             "Nachteil. Sie können sich bei einer Datenschutzbehörde beschweren."),
            ("Warum Sie dies lesen", "Verordnung (EU) 2024/1689, Artikel 50 Absatz 3: Wer ein System zur "
             "Emotionserkennung einsetzt, informiert die betroffenen Personen darüber."),
        ]  # fmt: skip
    return [
        ("What happens", "You are filmed, and an artificial intelligence system (Moodreel) finds faces in the videos "
         "and estimates which expression they show: angry, disgusted, afraid, happy, sad, surprised or neutral. It "
         "tells what faces show, not what people feel, and it can be wrong. It does not recognise who you are."),
        ("What for", about["purpose"]),
        ("Who is responsible", f"{about['controller']}. Contact: {about['contact']}."),
        ("Where, and for how long", "The analysis runs on a computer of those responsible; Moodreel sends no picture "
         f"away from it. {kept}"),
        ("Your rights", "You may ask for access to your data, for correction and erasure, and object to the "
         "processing; consent can be withdrawn at any time for the future, without any disadvantage. You may complain "
         "to a data protection authority."),
        ("Why you are told", "Regulation (EU) 2024/1689, Article 50(3): whoever uses an emotion recognition system "
         "informs the people exposed to it."),
    ]  # fmt: skip


def _kept(settings: dict, german: bool) -> str:
    videos, results = (settings["retention_days"][name] for name in ("videos", "results"))
    watched = settings["retention_watched"]  # else only Moodreel's own copies go
    if german:
        return " ".join(
            f"{what} {'bleiben, bis sie jemand löscht' if n is None else f'werden nach {n} Tagen gelöscht'}."
            for what, n in (("Videos" if watched else "Kopien der Videos in Moodreel", videos), ("Ergebnisse", results))
        )
    return " ".join(
        f"{what} {'are kept until somebody deletes them' if n is None else f'are deleted after {n} days'}."
        for what, n in (("Videos" if watched else "Moodreel's copies of videos", videos), ("Results", results))
    )


def notice_text(language: str, settings: dict) -> str:
    """The notice as plain text, UTF-8, with headings on lines of their own."""
    parts = [f"{heading}\n{paragraph}" for heading, paragraph in notice(language, settings)]
    return "\n\n".join([_TITLE[language], *parts]) + "\n"


def notice_pdf(language: str, settings: dict) -> bytes:
    """The notice as a PDF on A4, to be put up where people are filmed."""
    with Document(_TITLE[language], settings["notice"]["controller"] or "Moodreel") as document:
        document.set_lang(language)
        document.heading(_TITLE[language], 0)
        for heading, paragraph in notice(language, settings):
            document.heading(heading)
            document.paragraph(paragraph)
        return document.whole()
